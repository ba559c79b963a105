import type { Choice } from './run-plan.js';

/** What an answer cost, as the protocol says it. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

/**
 * Counts an answer: every prompt once, with what its first response found in the prefix cache; every token that was sampled, those of
 * responses that lost the vote too.
 */
export function usageOf(choices: readonly Choice[]): Usage {
  let [prompt, cached, completion] = [0, 0, 0];
  const counted = new Set<number>();
  for (const choice of choices) {
    const { generation, branched } = choice;
    const sampled = branched?.leaves.map((leaf) => leaf.generation) ?? [generation];
    for (const each of sampled) completion += each.responseTokens.length;
    if (counted.has(choice.prompt)) continue;
    counted.add(choice.prompt);
    prompt += generation.promptTokens.length;
    cached += (sampled[0] ?? generation).cachedPromptTokens;
  }
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}
