import type { PastTurn, Prompt, PromptContext } from '@spark-rl/core';

import { explainResponse, explainWorld, type ResponseExplanation } from './explanation.js';

/** What a one-message prompt shows. */
export interface MessagesLayout extends ResponseExplanation {
  /** K: how many of the last turns are shown. */
  readonly history: number;
  /** For how many of the last turns shown the whole response is repeated. */
  readonly responses: number;
}

function explainHistory(
  past: readonly PastTurn[],
  { history, responses }: Pick<MessagesLayout, 'history' | 'responses'>,
): string[] {
  if (past.length === 0) return [];
  const first = Math.max(0, past.length - history);
  const shown = past.slice(first).map(({ observation, action, generation }, i) => {
    const turn = `[turn ${first + i + 1}]`;
    const did = action === '' ? '(your answer had no usable action)' : action;
    const lines = [`${turn} observed: ${observation}`, `${turn} did: ${did}`];
    const answered = first + i >= past.length - responses;
    return [...lines, ...(answered ? [`${turn} answered: ${generation.text}`] : [])].join('\n');
  });
  const taken = `Turns taken so far: ${past.length}.`;
  if (shown.length === 0) return [taken];
  return [
    `${taken} ${first === 0 ? 'All of them' : `The last ${shown.length}`}, oldest first:\n${shown.join('\n')}`,
  ];
}

/**
 * A prompt that stands alone: one user message with the world, the task, the last K observations and actions under their
 * absolute turn numbers (from 1), what is observed now, what can be done, and how to answer. Past reasoning is repeated only as far as `responses` says. Its
 * length is bounded by K, so a tree of windowed prompts suits models with a chat template and a short context.
 */
export function messagesPrompt(context: PromptContext, layout: MessagesLayout): Prompt {
  const sections = [
    explainWorld(context.brief),
    `Task: ${context.instruction}`,
    ...explainHistory(context.past, layout),
    `[turn ${context.past.length + 1}, now] observed: ${context.observation}`,
    ...(context.admissible === undefined
      ? []
      : [`Possible actions now:\n${context.admissible.map((action) => `- ${action}`).join('\n')}`]),
    explainResponse(layout),
  ];
  return { kind: 'messages', messages: [{ role: 'user', content: sections.join('\n\n') }] };
}
