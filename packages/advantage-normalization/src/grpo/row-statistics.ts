import { parseInput, randomSource, type AdvantageEstimator, type RandomKey } from '@spark-rl/core';
import { z } from 'zod';

import { copyWeight } from '../group/copy-weights.js';
import { groupLeaves, type GroupLeaf } from '../group/group.js';
import { referenceCodeReward } from '../group/rewards.js';
import { creditTurns, penaltyOf } from '../group/turn-credits.js';
import { normalisationShape, penaltyOption, rewardOption, weightsOption } from '../options.js';
import { normalise } from '../statistics/normalise.js';

const optionsSchema = z
  .strictObject({
    ...normalisationShape,
    reward: rewardOption.default(() => referenceCodeReward),
    weights: weightsOption.default('sum'),
    invalidPenalty: penaltyOption.default(0.1),
    unavailablePenalty: penaltyOption.default(0),
    padTo: z.int().min(2).optional(),
    key: z.array(z.union([z.string(), z.number()])).default(['row-statistics']),
  })
  .refine((options) => options.padTo === undefined || options.weights !== 'reach', {
    path: ['padTo'],
    error: 'leaves that were drawn again have no reach; choose other weights',
  });

/** Fills a group up to `size` with leaves of its own, drawn with replacement, as if they had been sampled again. */
function padGroup(group: readonly GroupLeaf[], size: number, key: RandomKey): GroupLeaf[] {
  const random = randomSource([...key, 'pad', ...group.map(({ tree }) => tree.id).slice(0, 1)]);
  const missing = Math.max(0, size - group.length);
  return [...group, ...Array.from({ length: missing }, () => random.pick(group))];
}

/** The settings of `rowStatistics`. */
export type RowStatisticsOptions = z.input<typeof optionsSchema>;

/**
 * GRPO over rows, one for each pair of a leaf and a turn on its path, as the published code of SPARK does
 * (https://github.com/jinyangwu/SPARK, `spark/core_spark.py`):
 *
 *     x(i, t) = R_i - invalidPenalty [t invalid] - unavailablePenalty [t not admissible]
 *     A(i, t) = (x(i, t) - mean x) / (std x + epsilon), exactly 0 when all x are equal
 *
 * Long paths and shared turns weigh more in the mean, and one invalid turn in a group of equal rewards gets a large negative
 * advantage. The published code also draws leaves again until there are N; `padTo` does.
 *
 * When to use it: to compare with published numbers; `leafStatistics` to train.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function rowStatistics(options: RowStatisticsOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of rowStatistics');
  return {
    id: 'row-statistics',
    estimate: (trees) => {
      const leaves = groupLeaves(trees, settings.reward);
      if (leaves.length < 2) return [];
      const group = padGroup(leaves, settings.padTo ?? 0, settings.key);
      // Where the rows of each leaf start.
      const starts: number[] = [];
      const rows: number[] = [];
      for (const { path, reward } of group) {
        starts.push(rows.length);
        for (const turn of path) rows.push(reward - penaltyOf(turn, settings));
      }
      const advantages = normalise(rows, settings);
      const weight = copyWeight(group, settings.weights);
      return creditTurns(trees, group, (leaf, turn, depth) => ({
        advantage: advantages[starts[leaf]! + depth]!,
        weight: weight(leaf, turn),
      }));
    },
  };
}
