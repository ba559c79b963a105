import type { Generation, GenerationRequest, Policy, Prompt } from '../policy.js';
import { randomSource, type RandomSource } from '../random.js';

/** The text of a prompt: messages joined by newlines, segments joined as they stand. */
export function promptText(prompt: Prompt): string {
  if (prompt.kind === 'messages') return prompt.messages.map(({ content }) => content).join('\n');
  return prompt.segments
    .map((segment) =>
      'text' in segment
        ? segment.text
        : String.fromCodePoint(...segment.tokens.filter((id) => id > 0)),
    )
    .join('');
}

const codePoints = (text: string): number[] => [...text].map((char) => char.codePointAt(0)!);

/** What a script sees of a call. */
export interface ScriptContext {
  readonly request: GenerationRequest;
  readonly prompt: string;
  /** The stream named by the request's key. */
  readonly random: RandomSource;
}

/**
 * A policy for tests whose words come from a function. The rest of the generation is plausible: one token per code point and 0
 * as end of sequence, log-probabilities in (-1, 0] and entropies in [0, 1) drawn from the request's key.
 *
 * @param script - what the policy says; may take its time, or throw to play an infrastructure failure
 */
export function scriptedPolicy(
  script: (context: ScriptContext) => string | Promise<string>,
  options: { readonly id?: string; readonly policyVersion?: string } = {},
): Policy {
  const { id = 'scripted', policyVersion = 'scripted-1' } = options;
  return {
    id,
    generate: async (request): Promise<Generation> => {
      const prompt = promptText(request.prompt);
      const random = randomSource([...request.key, 'script']);
      const text = await script({ request, prompt, random });
      const tokens = codePoints(text).slice(0, request.sampling.maxTokens - 1);
      const complete = tokens.length === [...text].length;
      const noise = randomSource([...request.key, 'tokens']);
      const responseTokens = Int32Array.from([...tokens, 0]);
      return {
        text: complete ? text : String.fromCodePoint(...tokens),
        policyVersion,
        finish: complete ? 'stop' : 'length',
        promptTokens: Int32Array.from(codePoints(prompt)),
        responseTokens,
        logProbs: Float32Array.from(responseTokens, () => -noise.uniform()),
        ...(request.want?.entropies === true && {
          entropies: Float32Array.from(responseTokens, () => noise.uniform()),
        }),
        ...(request.want?.topLogProbs !== undefined && {
          topLogProbs: [...responseTokens].map((token) => [{ token, logProb: 0 }]),
        }),
        cachedPromptTokens: 0,
      };
    },
  };
}
