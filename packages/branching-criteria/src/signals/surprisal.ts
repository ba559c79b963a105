import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { lastTurn, type Signal } from './signal.js';
import { overSchema, summarise } from './summary.js';

const surprisalOptions = z.strictObject({ over: overSchema.default('mean') });

/** How tokens are summarised in {@link surprisalSignal}. */
export type SurprisalSignalOptions = z.input<typeof surprisalOptions>;

/**
 * How unlikely what was sampled is: -log p of the response's tokens, in nats, at least 0. Their mean is the log of the
 * perplexity; the largest is where TreeRL forks. Every policy reports it, so it wants nothing. A sampled value of the entropy:
 * the same in expectation, but noisier.
 *
 * @param options.over - `mean` over the tokens (default) or `max`
 * @throws InvalidInputError when an option is not such a value
 * @see https://arxiv.org/abs/2506.11902 (TreeRL)
 */
export function surprisalSignal(options: SurprisalSignalOptions = {}): Signal {
  const { over } = parseInput(surprisalOptions, options, 'options of surprisalSignal');
  return {
    id: `surprisal(${over})`,
    value: (path) => {
      const { logProbs } = lastTurn(path).generation;
      // 0 - x, not -x: a certain token has a surprisal of 0, not of -0.
      return summarise(
        logProbs.map((logProb) => 0 - logProb),
        over,
      );
    },
  };
}
