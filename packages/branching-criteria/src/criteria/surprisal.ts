import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { overSchema } from '../signals/summary.js';
import { surprisalSignal } from '../signals/surprisal.js';
import { forkAbove, thresholdShape } from './threshold.js';

const surprisalOptions = z.strictObject({ ...thresholdShape, over: overSchema.default('mean') });

/** The threshold, how tokens are summarised, and B of {@link surprisal}. */
export type SurprisalOptions = z.input<typeof surprisalOptions>;

/**
 * Forks where the policy sampled what it held for unlikely: b_t = B if -log p of the response's tokens is above a threshold, else 1.
 * Works with every policy, since each reports the log-probabilities of what it sampled.
 *
 * @param options.above - in nats
 * @param options.over - the `mean` of the response's tokens (default; the log of the perplexity), or the `max`
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value
 */
export function surprisal(options: SurprisalOptions): BranchingCriterion {
  const { above, over, width } = parseInput(surprisalOptions, options, 'options of surprisal');
  return forkAbove(`surprisal(${above},${over},${width})`, surprisalSignal({ over }), above, width);
}
