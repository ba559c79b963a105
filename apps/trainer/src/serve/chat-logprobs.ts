import type { SampledToken } from '@spark-rl/core';

import type { TokenName } from './token-names.js';

interface NamedLogProb extends TokenName {
  readonly logprob: number;
}

/** Log-probabilities in the form of `/v1/chat/completions`: one object a token. */
export interface ChatLogProbs {
  readonly content: readonly (NamedLogProb & { readonly top_logprobs: readonly NamedLogProb[] })[];
  readonly refusal: null;
}

export function chatLogProbs(
  sampled: readonly SampledToken[],
  name: (token: number) => TokenName,
): ChatLogProbs {
  return {
    content: sampled.map(({ token, logProb, top = [] }) => ({
      ...name(token),
      logprob: logProb,
      top_logprobs: top.map((each) => ({ ...name(each.token), logprob: each.logProb })),
    })),
    refusal: null,
  };
}
