import { parseInput, type TokenLogProb } from '@spark-rl/core';
import { z } from 'zod';

import { lastTurn, type Signal } from './signal.js';
import { overSchema, summarise } from './summary.js';

const likeliestTokensOptions = z.strictObject({ over: overSchema.default('mean') });

/** How tokens are summarised in {@link top2MarginSignal} and {@link leastConfidenceSignal}. */
export type LikeliestTokensOptions = z.input<typeof likeliestTokensOptions>;

/** The probabilities of the two likeliest alternatives, in any order they were reported; 0 for one that is not there. */
function topTwo(alternatives: readonly TokenLogProb[]): readonly [number, number] {
  let [first, second] = [-Infinity, -Infinity];
  for (const { logProb } of alternatives) {
    if (logProb > first) [first, second] = [logProb, first];
    else if (logProb > second) second = logProb;
  }
  return [Math.exp(first), Math.exp(second)];
}

function fromTopTwo(
  id: string,
  topLogProbs: number,
  options: LikeliestTokensOptions,
  doubt: (first: number, second: number) => number,
): Signal {
  const { over } = parseInput(likeliestTokensOptions, options, `options of signal ${id}`);
  return {
    id: `${id}(${over})`,
    want: { topLogProbs },
    value: (path) => {
      const positions = lastTurn(path).generation.topLogProbs ?? [];
      const doubts = positions
        .filter((alternatives) => alternatives.length > 0)
        .map((alternatives) => doubt(...topTwo(alternatives)));
      return summarise(doubts, over);
    },
  };
}

/**
 * How close the two likeliest tokens are: -(p_1 - p_2), in [-1, 0], 0 where they tie. The negative of the margin of margin
 * sampling, so that larger means less sure; `over: 'max'` is then the response's smallest margin. A position with a single
 * reported alternative has p_2 = 0.
 *
 * @param options.over - `mean` over the tokens (default) or `max`
 * @throws InvalidInputError when an option is not such a value
 * @see Scheffer, Decomain, Wrobel: Active Hidden Markov Models for Information Extraction (2001)
 */
export const top2MarginSignal = (options: LikeliestTokensOptions = {}): Signal =>
  fromTopTwo('top2-margin', 2, options, (first, second) => second - first);

/**
 * How little the likeliest token is believed in: 1 - p_1, in [0, 1).
 *
 * @param options.over - `mean` over the tokens (default) or `max`
 * @throws InvalidInputError when an option is not such a value
 * @see Lewis, Gale: A Sequential Algorithm for Training Text Classifiers (1994), https://arxiv.org/abs/cmp-lg/9407020
 */
export const leastConfidenceSignal = (options: LikeliestTokensOptions = {}): Signal =>
  fromTopTwo('least-confidence', 1, options, (first) => 1 - first);
