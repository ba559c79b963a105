import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import type { GroupLeaf } from '../group/group.js';
import { leafEstimator } from '../group/leaf-estimator.js';
import {
  commonShape,
  normalisationShape,
  weightedStatisticsOption,
  weightedStatisticsRule,
} from '../options.js';
import { normaliseWithin } from '../statistics/normalise-within.js';

const optionsSchema = z
  .strictObject({
    ...normalisationShape,
    ...commonShape,
    mode: z.enum(['intra', 'inter', 'sum', 'two-stage']).default('sum'),
    tree: z.enum(['tree', 'root']).default('tree'),
    lone: z.enum(['zero', 'raw']).default('zero'),
    weightedStatistics: weightedStatisticsOption,
  })
  .refine(...weightedStatisticsRule);

/** The settings of `treeGrpo`. */
export type TreeGrpoOptions = z.input<typeof optionsSchema>;

/**
 * Tree-GRPO (arXiv 2509.21240; https://github.com/AMAP-ML/Tree-GRPO, `verl/trainer/ppo/core_algos.py`): leaves are compared within their tree,
 * and over all trees of the task.
 *
 *     intra_i = (R_i - mean R of the tree) / F of the tree     inter_i = (R_i - mean R of the task) / F of the task
 *     A_i = intra_i, inter_i, their sum, or two-stage: inter normalised within the tree
 *     copy of turn t from leaf i: A_i - penalties, weight w
 *
 * F is the standard deviation + epsilon with `std` and 1 without. A task has several trees, or with `tree` `root` every root counts as a
 * tree of its own. A leaf alone in its tree has intra 0; with `lone` `raw`, as published, a mean of 0 and a deviation of 1. Trees that an
 * expansion grew take weights `mean` or `sum`.
 *
 * When to use it: with several trees a task. `intra` alone compares only what shares a first state within one tree; `inter` alone is
 * `leafStatistics`.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function treeGrpo(options: TreeGrpoOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of treeGrpo');
  const treeOf = (member: GroupLeaf): unknown =>
    settings.tree === 'tree' ? member.tree : (member.path[0] ?? member);
  return leafEstimator('tree-grpo', settings, (group, reaches) => {
    const within = (values: readonly number[], groupOf: (member: GroupLeaf) => unknown): number[] =>
      normaliseWithin(
        group.map((member, i) => ({
          value: values[i]!,
          group: groupOf(member),
          unit: member,
          weight: reaches?.[i] ?? 1,
        })),
        settings,
        settings.lone,
      );
    const rewards = group.map(({ reward }) => reward);
    const inter = within(rewards, () => 'task');
    if (settings.mode === 'inter') return inter;
    if (settings.mode === 'two-stage') return within(inter, treeOf);
    const intra = within(rewards, treeOf);
    return settings.mode === 'intra' ? intra : intra.map((value, i) => value + inter[i]!);
  });
}
