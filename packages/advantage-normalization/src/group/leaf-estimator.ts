import type { AdvantageEstimator } from '@spark-rl/core';

import { copyWeight, leafReaches, type CopyWeights } from './copy-weights.js';
import { groupLeaves, type GroupLeaf } from './group.js';
import type { LeafReward } from './rewards.js';
import { creditTurns, penaltyOf, type Penalties } from './turn-credits.js';

/** What an estimator that gives every leaf one advantage is told. */
export interface LeafEstimatorSettings extends Penalties {
  readonly reward: LeafReward;
  readonly weights: CopyWeights;
  readonly weightedStatistics?: boolean | undefined;
}

/**
 * An estimator that gives every leaf one advantage, and all turns on its path a copy of it less their fines. With weights `reach`, the
 * leaves' reaches are handed on, unless `weightedStatistics` is false.
 *
 * @param advantages - the advantage of every leaf of a group; undefined when the group teaches nothing
 * @param smallest - the fewest leaves that a group must have
 */
export function leafEstimator(
  id: string,
  settings: LeafEstimatorSettings,
  advantages: (
    group: readonly GroupLeaf[],
    reaches: readonly number[] | undefined,
  ) => readonly number[] | undefined,
  smallest = 2,
): AdvantageEstimator {
  const weighted = settings.weightedStatistics ?? settings.weights === 'reach';
  return {
    id,
    estimate: (trees) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < smallest) return [];
      const advantageOf = advantages(group, weighted ? leafReaches(group) : undefined);
      if (advantageOf === undefined) return [];
      const weight = copyWeight(group, settings.weights);
      return creditTurns(trees, group, (leaf, turn) => ({
        advantage: advantageOf[leaf]! - penaltyOf(turn, settings),
        weight: weight(leaf, turn),
      }));
    },
  };
}
