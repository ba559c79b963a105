import type { Generation, GenerationRequest } from '@spark-rl/core';

import type { CheckedTokens } from './checks/check-sampled.js';
import type { Sampled } from './dialects/dialect.js';

/** A response that was checked, and what it answers. */
export interface CheckedResponse {
  readonly sampled: Sampled;
  /** Absent where the server tells none. */
  readonly tokens: CheckedTokens | undefined;
  readonly request: GenerationRequest;
  readonly version: string;
}

/**
 * A response in the form of core. At temperature 0 all the probability is on the token that was taken: its log-probability is 0, whatever
 * the server says of the distribution before. Where the server tells no tokens there are none (T = 0), as `textPolicy` of core does it.
 */
export function generationOf(response: CheckedResponse): Generation {
  const { sampled, tokens, request, version } = response;
  const { text, finish, cachedPromptTokens } = sampled;
  const { topLogProbs: top = 0 } = request.want ?? {};
  const shared = { text, finish, policyVersion: version };
  if (tokens === undefined) {
    const none = Int32Array.of();
    return {
      ...shared,
      promptTokens: none,
      responseTokens: none,
      logProbs: Float32Array.of(),
      ...(request.want?.entropies === true && { entropies: Float32Array.of() }),
      ...(top > 0 && { topLogProbs: [] }),
      cachedPromptTokens,
    };
  }
  const greedy = request.sampling.temperature === 0;
  const { length } = tokens.response;
  return {
    ...shared,
    promptTokens: tokens.sent,
    responseTokens: Int32Array.from(tokens.response),
    logProbs: greedy
      ? new Float32Array(length)
      : Float32Array.from(tokens.logProbs, (logProb) => Math.min(0, logProb)),
    ...(greedy && request.want?.entropies === true && { entropies: new Float32Array(length) }),
    ...(top > 0 && {
      topLogProbs: greedy
        ? tokens.response.map((token) => [{ token, logProb: 0 }])
        : (tokens.top ?? []),
    }),
    cachedPromptTokens,
  };
}
