import type { Generation, SampledToken } from '@spark-rl/core';

/** The tokens of a response, as they were told while it grew. */
export const sampledTokens = ({
  responseTokens,
  logProbs,
  topLogProbs,
}: Generation): readonly SampledToken[] =>
  Array.from(responseTokens, (token, i) => ({
    token,
    logProb: logProbs[i]!,
    ...(topLogProbs?.[i] !== undefined && { top: topLogProbs[i] }),
  }));
