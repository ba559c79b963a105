import type { SampledToken } from '@spark-rl/core';

import type { TokenName } from './token-names.js';

/** Log-probabilities in the form of `/v1/completions`: lists side by side. */
export interface CompletionLogProbs {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly number[];
  readonly top_logprobs: readonly Readonly<Record<string, number>>[] | null;
  /** Where the text of each token begins in the text of the response, in UTF-16 units. */
  readonly text_offset: readonly number[];
}

/** @param offset - where the first of the tokens begins */
export function completionLogProbs(
  sampled: readonly SampledToken[],
  name: (token: number) => TokenName,
  textLength: (token: number) => number,
  withTop: boolean,
  offset = 0,
): CompletionLogProbs {
  const text_offset: number[] = [];
  let at = offset;
  for (const { token } of sampled) {
    text_offset.push(at);
    at += textLength(token);
  }
  return {
    tokens: sampled.map(({ token }) => name(token).token),
    token_logprobs: sampled.map(({ logProb }) => logProb),
    top_logprobs: withTop
      ? sampled.map(({ token, logProb, top = [] }) =>
          // The token that was drawn is always among them, as with OpenAI.
          Object.fromEntries<number>([
            ...top.map((each): [string, number] => [name(each.token).token, each.logProb]),
            [name(token).token, logProb],
          ]),
        )
      : null,
    text_offset,
  };
}
