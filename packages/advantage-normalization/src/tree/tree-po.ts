import { parseInput, type AdvantageEstimator, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import { whitened, whitenShape } from '../batch/whitened.js';
import type { GroupLeaf } from '../group/group.js';
import { leafEstimator } from '../group/leaf-estimator.js';
import { commonShape } from '../options.js';
import { meanOf } from '../statistics/mean.js';
import { allEqual } from '../statistics/normalise.js';

const optionsSchema = z.strictObject({
  ...commonShape,
  ...whitenShape,
  average: z.enum(['simple', 'size']).default('simple'),
  skipEqual: z.boolean().default(false),
  whiten: z.boolean().default(true),
});

/** The settings of {@link treePo}. */
export type TreePoOptions = z.input<typeof optionsSchema>;

/** The rewards below the initial state and below every turn that more than one leaf shares, by where they are. */
function subtrees(group: readonly GroupLeaf[]): ReadonlyMap<Turn | null, readonly number[]> {
  const rewards = new Map<Turn | null, number[]>();
  for (const { path, reward } of group) {
    for (const turn of [null, ...path]) {
      const list = rewards.get(turn);
      if (list === undefined) rewards.set(turn, [reward]);
      else list.push(reward);
    }
  }
  return rewards;
}

/**
 * TreePO (arXiv 2508.17445; https://github.com/multimodal-art-projection/TreePO, `verl/trainer/ppo/core_algos.py`): a leaf is compared with
 * every subtree that it is part of.
 *
 *     d_ij = R_i - mean of R over the leaves below the turn at depth j of leaf i's path; j = 0 is the task itself
 *     D_i = mean of d_ij over j (`average` `size`: weighted with the leaves of the subtree)
 *     A_i = (D_i - mean D) / sqrt(var D + whitenEpsilon) over all copies of the batch
 *     copy of turn t from leaf i: A_i - penalties, weight w
 *
 * Subtrees of one leaf below the task are left out, and with `skipEqual` those whose rewards are all equal. Turns stand for the method's segments,
 * so a subtree counts once for every turn at which it stays together. The whitening happens in `acrossTasks`; `whiten` false leaves it out.
 *
 * When to use it: with trees that fork often and regularly.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function treePo(options: TreePoOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of treePo');
  const { reward, weights, per, whitenEpsilon, invalidPenalty, unavailablePenalty } = settings;
  const penalties = { invalidPenalty, unavailablePenalty };
  const none = { invalidPenalty: 0, unavailablePenalty: 0 };
  const fines = settings.whiten ? none : penalties;
  const relative = leafEstimator(
    'tree-po',
    { reward, weights, weightedStatistics: false, ...fines },
    (group) => {
      const below = subtrees(group);
      return group.map((member) => {
        let sum = 0;
        let total = 0;
        for (const turn of [null, ...member.path]) {
          const rewards = below.get(turn)!;
          if (turn !== null && rewards.length < 2) continue;
          if (turn !== null && settings.skipEqual && allEqual(rewards)) continue;
          const weight = settings.average === 'size' ? rewards.length : 1;
          sum += weight * (member.reward - meanOf(rewards));
          total += weight;
        }
        return sum / total;
      });
    },
  );
  if (!settings.whiten) return relative;
  return { ...whitened(relative, { per, whitenEpsilon, ...penalties }), id: relative.id };
}
