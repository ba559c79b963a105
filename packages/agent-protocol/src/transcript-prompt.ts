import type { Prompt, PromptContext } from '@spark-rl/core';

import { explainResponse, explainWorld, type ResponseExplanation } from './explanation.js';

/** What an append-only transcript shows. */
export interface TranscriptLayout extends ResponseExplanation {
  /** Whether the transcript opens with the world, the actions and the form of answers. */
  readonly brief: boolean;
  /** Whether it says the task; off where the first observation says it already. */
  readonly instruction: boolean;
  /** Text before every observation but the first: what separates it from the response. */
  readonly beforeObservation: string;
  /** Text after every observation: what separates it from the response to come. */
  readonly afterObservation: string;
}

/**
 * A prompt that only ever grows: the tokens of turn t + 1 begin with exactly the prompt and response tokens of turn t, kept as they
 * were sampled, and end with the new observation. So prefixes are computed once and shared by siblings and later turns, a path
 * trains as one row, and nothing is tokenised twice.
 */
export function transcriptPrompt(context: PromptContext, layout: TranscriptLayout): Prompt {
  const { afterObservation } = layout;
  const admissible =
    context.admissible === undefined ? '' : `\nPossible actions: ${context.admissible.join(', ')}`;
  const observation = `${context.observation}${admissible}${afterObservation}`;
  const last = context.past.at(-1);
  if (last !== undefined) {
    return {
      kind: 'transcript',
      segments: [
        { tokens: last.generation.promptTokens },
        { tokens: last.generation.responseTokens },
        { text: `${layout.beforeObservation}${observation}` },
      ],
    };
  }
  const opening = [
    ...(layout.brief ? [explainWorld(context.brief), explainResponse(layout)] : []),
    ...(layout.instruction ? [`Task: ${context.instruction}`] : []),
    observation,
  ];
  return { kind: 'transcript', segments: [{ text: opening.join('\n') }] };
}
