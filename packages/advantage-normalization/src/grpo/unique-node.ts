import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { groupLeaves } from '../group/group.js';
import { creditOnce, penaltyOf } from '../group/turn-credits.js';
import { turnValues } from '../group/turn-values.js';
import { commonShape, normalisationShape } from '../options.js';
import { normalise } from '../statistics/normalise.js';

const optionsSchema = z.strictObject({ ...normalisationShape, ...commonShape });

/** The settings of `uniqueNode`. */
export type UniqueNodeOptions = z.input<typeof optionsSchema>;

/**
 * GRPO over turns: values every turn once, by the mean reward of the completed leaves below it, and normalises over the turns of the group.
 *
 *     V(t) = mean of R over the leaves below t
 *     A(t) = (V(t) - mean V) / (std V + epsilon) - penalties, exactly 0 before penalties when all V are equal
 *
 * One copy for each turn, of weight 1 unless `weights` says otherwise: what a fork shares gets the average, what comes after it its
 * own share. Penalties come after normalising, as in `leafStatistics`. The published code of SPARK has it as an option
 * (https://github.com/jinyangwu/SPARK, `env.unique`).
 *
 * When to use it: where a shared turn shall be judged by all that came of it, and long paths may count more.
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
      const { values } = turnValues(group, 'leaves');
      const turns = [...values.keys()];
      const advantages = normalise([...values.values()], settings);
      const advantageOf = new Map(turns.map((turn, i) => [turn, advantages[i]!]));
      return creditOnce(
        trees,
        group,
        settings.weights,
        (turn) => advantageOf.get(turn)! - penaltyOf(turn, settings),
      );
    },
  };
}
