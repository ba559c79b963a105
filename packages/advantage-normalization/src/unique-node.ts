import { parseInput, type AdvantageEstimator, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import { groupLeaves, successReward } from './group.js';
import { normalise } from './normalise.js';
import { normalisationShape, penaltyOption, rewardOption } from './options.js';
import { penaltyOf } from './turn-credits.js';

const optionsSchema = z.strictObject({
  ...normalisationShape,
  reward: rewardOption.default(() => successReward),
  invalidPenalty: penaltyOption.default(0.03),
  unavailablePenalty: penaltyOption.default(0),
});

/** The settings of {@link uniqueNode}. */
export type UniqueNodeOptions = z.input<typeof optionsSchema>;

/** The mean, exactly the common value when all are equal. */
const meanOf = (values: readonly number[]): number => {
  const [origin = 0] = values;
  return origin + values.reduce((sum, value) => sum + (value - origin), 0) / values.length;
};

/**
 * Values every turn once, by the mean reward of the completed leaves below it, and normalises over the turns of the group:
 *
 *     V(t) = mean of R over the leaves below t
 *     A(t) = (V(t) - mean V) / (std V + epsilon) - penalties, exactly 0 before penalties when all V are equal
 *
 * One copy of weight 1 for each turn: what a fork shares gets the average, what comes after it its own share. Penalties come
 * after normalising, as in {@link leafStatistics}.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function uniqueNode(options: UniqueNodeOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of uniqueNode');
  return {
    id: 'unique-node',
    estimate: (trees) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < 2) return [];
      const below = new Map<Turn, number[]>();
      for (const { path, reward } of group) {
        for (const turn of path) below.set(turn, [...(below.get(turn) ?? []), reward]);
      }
      const nodes = trees.flatMap((tree) =>
        [...tree.turns.values()].flatMap((turn) => {
          const rewards = below.get(turn);
          if (rewards === undefined) return [];
          return [{ tree, turn, value: meanOf(rewards) }];
        }),
      );
      const advantages = normalise(
        nodes.map(({ value }) => value),
        settings,
      );
      return nodes.map(({ tree, turn }, i) => ({
        tree: tree.id,
        node: turn.id,
        copies: [{ advantage: advantages[i]! - penaltyOf(turn, settings), weight: 1 }],
      }));
    },
  };
}
