import { parseInput, type AdvantageEstimator, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import { branchesOf } from '../group/branches.js';
import { groupLeaves } from '../group/group.js';
import { creditOnce, penaltyOf } from '../group/turn-credits.js';
import { turnValues } from '../group/turn-values.js';
import { commonShape, normalisationShape } from '../options.js';
import { normaliseWithin } from '../statistics/normalise-within.js';

const optionsSchema = z.strictObject({
  ...normalisationShape,
  ...commonShape,
  values: z.enum(['leaves', 'children']).default('leaves'),
  credit: z.enum(['branch', 'first-turn']).default('branch'),
});

/** The settings of `siblingLocal`. */
export type SiblingLocalOptions = z.input<typeof optionsSchema>;

/**
 * GRPO among siblings: the children of a fork are compared with each other, and the roots of a task with each other.
 *
 *     V(c) = mean of R over the leaves below c (`values`: or the mean over the values of its children)
 *     A(c) = (V(c) - mean of V over c and its siblings) / (their std + epsilon) - penalties
 *
 * All that siblings differ in was decided after the state that they share, so nothing that came before is credited or blamed for it.
 * With `credit` `branch`, the turns up to the next fork share the child's advantage; with `first-turn`, they get 0. Turns without
 * siblings to be compared with get 0 before penalties.
 *
 * When to use it: to learn what to do where the agent was unsure, or in a weighted sum with `leafStatistics`. TreeRPO (arXiv
 * 2506.05183) normalises in this way over the steps of a full tree.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or node at fault
 */
export function siblingLocal(options: SiblingLocalOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of siblingLocal');
  return {
    id: 'sibling-local',
    estimate: (trees) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < 2) return [];
      const { values } = turnValues(group, settings.values);
      const branches = branchesOf(group);
      const advantages = normaliseWithin(
        branches.map(({ turns, fork }) => ({
          value: values.get(turns[0]!)!,
          group: fork,
          unit: turns,
          weight: 1,
        })),
        settings,
        'zero',
      );
      const advantageOf = new Map<Turn, number>();
      for (const [i, { turns }] of branches.entries()) {
        const credited = settings.credit === 'branch' ? turns : turns.slice(0, 1);
        for (const turn of credited) advantageOf.set(turn, advantages[i]!);
      }
      return creditOnce(
        trees,
        group,
        settings.weights,
        (turn) => (advantageOf.get(turn) ?? 0) - penaltyOf(turn, settings),
      );
    },
  };
}
