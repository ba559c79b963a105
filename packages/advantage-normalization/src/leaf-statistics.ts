import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { copyWeight, leafReaches } from './copy-weights.js';
import { groupLeaves, successReward } from './group.js';
import { normalise } from './normalise.js';
import { normalisationShape, penaltyOption, rewardOption, weightsOption } from './options.js';
import { creditTurns, penaltyOf } from './turn-credits.js';

const optionsSchema = z
  .strictObject({
    ...normalisationShape,
    reward: rewardOption.default(() => successReward),
    weights: weightsOption.default('mean'),
    weightedStatistics: z.boolean().optional(),
    invalidPenalty: penaltyOption.default(0.03),
    unavailablePenalty: penaltyOption.default(0),
  })
  .refine((options) => options.weightedStatistics !== true || options.weights === 'reach', {
    path: ['weightedStatistics'],
    error: 'only weights "reach" give a leaf one weight, so only they can weigh the statistics',
  });

/** The settings of {@link leafStatistics}. */
export type LeafStatisticsOptions = z.input<typeof optionsSchema>;

/**
 * Normalises over the leaves of the group, and credits every turn on a leaf's path with the leaf's advantage:
 *
 *     A_i = (R_i - mean R) / (std R + epsilon), exactly 0 when all R are equal
 *     copy of turn t from leaf i: A_i - invalidPenalty [t invalid] - unavailablePenalty [t not admissible], weight w
 *
 * Penalties come after normalising: before it, one invalid turn in a group of equal rewards would be divided by a deviation near
 * zero. This is the default of the `spark` profile. With weights `reach`, the mean and the deviation weigh a leaf by its reach, too, unless
 * `weightedStatistics` is false.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function leafStatistics(options: LeafStatisticsOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of leafStatistics');
  const weighted = settings.weightedStatistics ?? settings.weights === 'reach';
  return {
    id: 'leaf-statistics',
    estimate: (trees) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < 2) return [];
      const advantages = normalise(
        group.map(({ reward }) => reward),
        settings,
        weighted ? leafReaches(group) : undefined,
      );
      const weight = copyWeight(group, settings.weights);
      return creditTurns(trees, group, (leaf, turn) => ({
        advantage: advantages[leaf]! - penaltyOf(turn, settings),
        weight: weight(leaf, turn),
      }));
    },
  };
}
