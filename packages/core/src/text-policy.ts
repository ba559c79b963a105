import { InvalidInputError } from './errors.js';
import type { Awaitable } from './environment.js';
import type { GenerationRequest, Policy, Prompt } from './policy.js';

/** The prompt as one text: messages or segments, with a blank line between messages. */
function asText(id: string, prompt: Prompt): string {
  if (prompt.kind === 'messages') return prompt.messages.map(({ content }) => content).join('\n\n');
  return prompt.segments
    .map((segment) => {
      if ('text' in segment) return segment.text;
      throw new InvalidInputError(`policy ${id} was asked to go on from tokens, and has none`, {
        field: 'prompt',
        remedy: 'Use a protocol whose prompts are messages, or a policy that reports its tokens.',
      });
    })
    .join('');
}

const noTokens = Int32Array.of();
const noLogProbs = Float32Array.of();

/**
 * A policy from a function of text to text: a chat API, a rule, a person at a keyboard. It reports no tokens (T = 0), so its
 * trees can be grown, compared and evaluated, but not trained on, and a budget of tokens sees them as free. How long a response
 * may be, and how warm it is sampled, is up to the function: `request.sampling` says what was asked for.
 *
 * @param id - names the policy, and its version
 * @param answer - gets the prompt as one text, and the request: `request.prompt.messages` for chat APIs, `request.key` for
 *   `randomSource`, `request.signal` to stop. An error that it throws is taken as an infrastructure failure
 * @throws InvalidInputError (from `generate`) for a transcript that holds tokens: they cannot be turned back into text
 */
export const textPolicy = (
  id: string,
  answer: (prompt: string, request: GenerationRequest) => Awaitable<string>,
): Policy => ({
  id,
  generate: async (request) => ({
    text: await answer(asText(id, request.prompt), request),
    policyVersion: id,
    finish: 'stop',
    promptTokens: noTokens,
    responseTokens: noTokens,
    logProbs: noLogProbs,
    // Who asked for these gets one for each of no tokens.
    ...(request.want?.entropies === true && { entropies: noLogProbs }),
    ...(request.want?.topLogProbs !== undefined && { topLogProbs: [] }),
    cachedPromptTokens: 0,
  }),
});
