import { parseInput, type AdvantageEstimator, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import { branchesOf } from '../group/branches.js';
import { groupLeaves } from '../group/group.js';
import { creditOnce, penaltyOf } from '../group/turn-credits.js';
import { turnValues } from '../group/turn-values.js';
import { commonShape } from '../options.js';
import { meanOf } from '../statistics/mean.js';

const optionsSchema = z.strictObject({
  ...commonShape,
  form: z.enum(['rloo', 'grpo']).default('rloo'),
  epsilon: z.number().min(0).default(1e-8),
  dropZero: z.boolean().default(true),
});

/** The settings of {@link spoEdge}. */
export type SpoEdgeOptions = z.input<typeof optionsSchema>;

/**
 * The edges of SPO-tree (arXiv 2505.23564; https://github.com/AIFrameResearch/SPO, `tree_episode_generator.py`): what a branch gains over the
 * state that it started from.
 *
 *     V(leaf) = R;  V(n) = mean of V over the ways on from n
 *     A(n) = V(n) - V(parent)                                               form `rloo`
 *     A(n) = (V(n) - V(parent)) / (population std of V over n and its siblings + epsilon)      form `grpo`
 *
 * A branch is the stretch of turns from a fork's child (or a root) to the next fork; all its turns share A less their penalties. Branches
 * with A = 0 are dropped, penalties and all, unless `dropZero` is false. One copy for each turn.
 *
 * When to use it: with trees that fork at fixed places, such as `fixed-tree`; it trains only where a decision made a difference.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function spoEdge(options: SpoEdgeOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of spoEdge');
  return {
    id: 'spo-edge',
    estimate: (trees) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < 2) return [];
      const { values, initial } = turnValues(group, 'children');
      const branches = branchesOf(group);
      const siblings = new Map<Turn | null, number[]>();
      for (const { turns, fork } of branches) {
        const list = siblings.get(fork) ?? [];
        siblings.set(fork, list);
        list.push(values.get(turns[0]!)!);
      }
      const advantageOf = new Map<Turn, number>();
      for (const { turns, fork } of branches) {
        const parent = fork === null ? initial : values.get(fork)!;
        const gain = values.get(turns[0]!)! - parent;
        if (gain === 0 && settings.dropZero) continue;
        const squares = siblings.get(fork)!.map((value) => (value - parent) ** 2);
        const divisor =
          settings.form === 'rloo' ? 1 : Math.sqrt(meanOf(squares)) + settings.epsilon;
        for (const turn of turns) advantageOf.set(turn, gain === 0 ? 0 : gain / divisor);
      }
      return creditOnce(trees, group, settings.weights, (turn) => {
        const advantage = advantageOf.get(turn);
        return advantage === undefined ? undefined : advantage - penaltyOf(turn, settings);
      });
    },
  };
}
