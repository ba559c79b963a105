import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { leafEstimator } from '../group/leaf-estimator.js';
import {
  commonShape,
  normalisationShape,
  weightedStatisticsOption,
  weightedStatisticsRule,
} from '../options.js';
import { normalise } from '../statistics/normalise.js';

const optionsSchema = z
  .strictObject({
    ...normalisationShape,
    ...commonShape,
    weightedStatistics: weightedStatisticsOption,
  })
  .refine(...weightedStatisticsRule);

/** The settings of {@link leafStatistics}. */
export type LeafStatisticsOptions = z.input<typeof optionsSchema>;

/**
 * GRPO over the leaves of the group (arXiv 2402.03300, section 4.1.2): every turn on a leaf's path gets the leaf's advantage.
 *
 *     A_i = (R_i - mean R) / (std R + epsilon), exactly 0 when all R are equal
 *     copy of turn t from leaf i: A_i - invalidPenalty [t invalid] - unavailablePenalty [t not admissible], weight w
 *
 * R_i is the reward of leaf i; the standard deviation has `ddof` degrees of freedom taken off. Penalties come after normalising: before
 * it, one invalid turn in a group of equal rewards would be divided by a deviation near zero. With weights `reach`, the mean and the
 * deviation weigh a leaf by its reach, too, unless `weightedStatistics` is false.
 *
 * When to use it: first; it is the default of the `spark` profile.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function leafStatistics(options: LeafStatisticsOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of leafStatistics');
  return leafEstimator('leaf-statistics', settings, (group, reaches) =>
    normalise(
      group.map(({ reward }) => reward),
      settings,
      reaches,
    ),
  );
}
