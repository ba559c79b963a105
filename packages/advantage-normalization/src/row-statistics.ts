import { parseInput, type AdvantageEstimator, type Leaf, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import { copyWeight } from './copy-weights.js';
import { groupLeaves, successReward } from './group.js';
import { normalise } from './normalise.js';
import { normalisationShape, penaltyOption, rewardOption, weightsOption } from './options.js';
import { creditTurns, penaltyOf } from './turn-credits.js';

const optionsSchema = z.strictObject({
  ...normalisationShape,
  reward: rewardOption.default(() => (leaf: Leaf) => 10 * successReward(leaf)),
  weights: weightsOption.default('sum'),
  invalidPenalty: penaltyOption.default(0.1),
  unavailablePenalty: penaltyOption.default(0),
});

/** The settings of {@link rowStatistics}. */
export type RowStatisticsOptions = z.input<typeof optionsSchema>;

/**
 * Normalises over rows, one for each pair of a leaf and a turn on its path, as the published code of SPARK does:
 *
 *     x(i, t) = R_i - invalidPenalty [t invalid] - unavailablePenalty [t not admissible]
 *     A(i, t) = (x(i, t) - mean x) / (std x + epsilon), exactly 0 when all x are equal
 *
 * Long paths and shared turns weigh more in the mean, and one invalid turn in a group of equal rewards gets a large negative
 * advantage: choose this to compare with published numbers, {@link leafStatistics} to train.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function rowStatistics(options: RowStatisticsOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of rowStatistics');
  return {
    id: 'row-statistics',
    estimate: (trees) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < 2) return [];
      const rows = group.flatMap(({ path, reward }) =>
        path.map((turn) => reward - penaltyOf(turn, settings)),
      );
      const advantages = normalise(rows, settings);
      const advantageOf = new Map<number, Map<Turn, number>>();
      let row = 0;
      for (const [leaf, { path }] of group.entries()) {
        advantageOf.set(leaf, new Map(path.map((turn) => [turn, advantages[row++]!])));
      }
      const weight = copyWeight(group, settings.weights);
      return creditTurns(trees, group, (leaf, turn) => ({
        advantage: advantageOf.get(leaf)!.get(turn)!,
        weight: weight(leaf, turn),
      }));
    },
  };
}
