import { parseInput, type AdvantageEstimator, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import { branchesOf } from '../group/branches.js';
import { groupLeaves } from '../group/group.js';
import { creditOnce, penaltyOf } from '../group/turn-credits.js';
import { turnValues } from '../group/turn-values.js';
import { commonShape, weightsOption } from '../options.js';

const optionsSchema = z.strictObject({
  ...commonShape,
  weights: weightsOption.default('sum'),
  divide: z.enum(['sqrt', 'leaves', 'none']).default('sqrt'),
});

/** The settings of {@link treeRl}. */
export type TreeRlOptions = z.input<typeof optionsSchema>;

/**
 * TreeRL (arXiv 2506.11902; https://github.com/THUDM/TreeRL): how much better a branch is than the task, and than what it forked from.
 *
 *     L_i = R_i - mean of R_j over j other than i
 *     V(n) = mean of L over the k leaves below branch n;  V(initial state) = 0
 *     A(n) = ([V(n) - V(initial state)] + [V(n) - V(parent)]) / sqrt k       (`divide`: or k, or 1)
 *
 * A branch is the stretch of turns from a fork's child (or a root) to the next fork, and all its turns share A less their penalties; its
 * parent is the branch that it forked from. A root's parent is the initial state. One copy for each turn, with weights `sum` of
 * weight k as the method has a turn in every leaf's sequence, so that sqrt k is what remains of it.
 *
 * When to use it: with many forks, where a step shall be judged against its parent and no step reward is at hand.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function treeRl(options: TreeRlOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of treeRl');
  const divisor = { sqrt: Math.sqrt, leaves: (k: number) => k, none: () => 1 }[settings.divide];
  return {
    id: 'tree-rl',
    estimate: (trees) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < 2) return [];
      const { values, initial } = turnValues(group, 'leaves');
      // The mean of the others is (n mean - R_i) / (n - 1), so that values of L are those of R less the mean, times n / (n - 1).
      const scale = group.length / (group.length - 1);
      const advantageOf = new Map<Turn, number>();
      for (const { turns, fork, leaves } of branchesOf(group)) {
        const value = values.get(turns[0]!)!;
        const parent = fork === null ? initial : values.get(fork)!;
        const gain = (scale * (value - initial + (value - parent))) / divisor(leaves);
        for (const turn of turns) advantageOf.set(turn, gain);
      }
      return creditOnce(
        trees,
        group,
        settings.weights,
        (turn) => advantageOf.get(turn)! - penaltyOf(turn, settings),
      );
    },
  };
}
