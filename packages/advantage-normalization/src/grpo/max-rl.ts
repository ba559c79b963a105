import { InvalidInputError, parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { leafEstimator } from '../group/leaf-estimator.js';
import { commonShape, weightedStatisticsOption, weightedStatisticsRule } from '../options.js';
import { meanOf, weightedMean } from '../statistics/mean.js';
import { allEqual } from '../statistics/normalise.js';

const optionsSchema = z
  .strictObject({
    ...commonShape,
    epsilon: z.number().min(0).default(1e-6),
    weightedStatistics: weightedStatisticsOption,
  })
  .refine(...weightedStatisticsRule);

/** The settings of {@link maxRl}. */
export type MaxRlOptions = z.input<typeof optionsSchema>;

/**
 * MaxRL (arXiv 2602.02710): divides by the mean reward in place of the deviation.
 *
 *     A_i = (R_i - mean R) / (mean R + epsilon), exactly 0 when all R are equal
 *     copy of turn t from leaf i: A_i - penalties, weight w
 *
 * For n independent leaves with rewards 1 and 0 this follows the gradient of log p, p the probability of success, expanded up to order n:
 * the smaller p, the more a success counts. With rewards from a model or a score it is a heuristic.
 *
 * When to use it: for hard tasks with success or failure, where pass@k shall not fall while pass@1 rises.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault, also when a reward is negative
 */
export function maxRl(options: MaxRlOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of maxRl');
  return leafEstimator('max-rl', settings, (group, reaches) => {
    for (const { tree, leaf, reward } of group) {
      if (reward >= 0) continue;
      throw new InvalidInputError(
        `the reward of leaf ${leaf.id} of tree ${tree.id} is ${reward}, and maxRl divides by the mean reward`,
        {
          field: 'reward',
          value: reward,
          remedy: 'Give rewards of 0 or more, such as 1 for success and 0 for anything else.',
        },
      );
    }
    const rewards = group.map(({ reward }) => reward);
    if (allEqual(rewards)) return rewards.map(() => 0);
    const mean = reaches === undefined ? meanOf(rewards) : weightedMean(rewards, reaches);
    return rewards.map((reward) => (reward - mean) / (mean + settings.epsilon));
  });
}
