import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import type { GroupLeaf } from '../group/group.js';
import { leafEstimator } from '../group/leaf-estimator.js';
import { commonShape, weightedStatisticsOption, weightedStatisticsRule } from '../options.js';

const optionsSchema = z
  .strictObject({
    ...commonShape,
    weightedStatistics: weightedStatisticsOption,
    leaveOut: z.enum(['leaf', 'root']).default('leaf'),
  })
  .refine(...weightedStatisticsRule);

/** The settings of {@link rloo}. */
export type RlooOptions = z.input<typeof optionsSchema>;

/**
 * RLOO, REINFORCE with a leave-one-out baseline (arXiv 2402.14740): each leaf is compared with the mean of the others.
 *
 *     A_i = R_i - mean of R_j over j other than i = n / (n - 1) (R_i - mean R)
 *     copy of turn t from leaf i: A_i - penalties, weight w
 *
 * Leaves below one fork share turns, so with `leaveOut` `leaf` the baseline still depends on what those turns did. With `leaveOut` `root`
 * it is the mean over the leaves of the other roots only; with weights `reach` as well (the mean then weighs leaves by their reach) the expected
 * update is exactly the policy gradient, with a baseline that adapts to the task.
 *
 * When to use it: where an unbiased update is wanted without choosing a baseline: weights `reach`, `leaveOut` `root`.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function rloo(options: RlooOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of rloo');
  return leafEstimator('rloo', settings, (group, reaches) => {
    const unitOf = (member: GroupLeaf): unknown =>
      settings.leaveOut === 'leaf' ? member : (member.path[0] ?? member);
    const weightOf = (i: number): number => reaches?.[i] ?? 1;
    // Rewards are taken relative to one of them, so that equal rewards give exactly 0.
    const origin = group[0]!.reward;
    const units = new Map<unknown, { sum: number; weight: number }>();
    let sum = 0;
    let weight = 0;
    for (const [i, member] of group.entries()) {
      const unit = units.get(unitOf(member)) ?? { sum: 0, weight: 0 };
      unit.sum += weightOf(i) * (member.reward - origin);
      unit.weight += weightOf(i);
      units.set(unitOf(member), unit);
      sum += weightOf(i) * (member.reward - origin);
      weight += weightOf(i);
    }
    if (units.size < 2) return undefined;
    return group.map((member) => {
      const own = units.get(unitOf(member))!;
      return member.reward - origin - (sum - own.sum) / (weight - own.weight);
    });
  });
}
