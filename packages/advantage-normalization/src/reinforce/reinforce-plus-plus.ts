import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { whitened, whitenShape } from '../batch/whitened.js';
import { copyWeight } from '../group/copy-weights.js';
import { groupLeaves } from '../group/group.js';
import { creditTurns } from '../group/turn-credits.js';
import { commonShape, stepRewardOption } from '../options.js';
import { discountedReturns } from '../steps/discounted-returns.js';
import { terminalReward } from '../steps/step-rewards.js';

const optionsSchema = z.strictObject({
  ...commonShape,
  ...whitenShape,
  stepReward: stepRewardOption.default(() => terminalReward),
  gamma: z.number().min(0).max(1).default(1),
});

/** The settings of `reinforcePlusPlus`. */
export type ReinforcePlusPlusOptions = z.input<typeof optionsSchema>;

/**
 * REINFORCE++ (arXiv 2501.03262): no group statistics; returns are whitened over the whole batch.
 *
 *     G(i, t) = sum over k >= t of gamma^(k - t) r(i, k)       R_i at every turn with gamma 1 and a reward at the end only
 *     A(i, t) = (G(i, t) - mean G) / sqrt(var G + whitenEpsilon) over all copies of the batch, each counted once a response token
 *     copy of turn t from leaf i: A(i, t) - penalties, weight w
 *
 * The whitening happens in `acrossTasks`; `estimate` alone gives the returns. The method's KL penalty in the reward belongs to the objective.
 * Easy and hard tasks have one baseline. A task with a single leaf gets credits.
 *
 * When to use it: with many tasks a step and few leaves each; with few tasks rather `reinforcePlusPlusBaseline`.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or node at fault
 */
export function reinforcePlusPlus(options: ReinforcePlusPlusOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of reinforcePlusPlus');
  const { per, whitenEpsilon, invalidPenalty, unavailablePenalty } = settings;
  const returns: AdvantageEstimator = {
    id: 'returns',
    estimate: (trees, scores) => {
      const group = groupLeaves(trees, settings.reward);
      const weight = copyWeight(group, settings.weights);
      const returnsOf = group.map((member) => discountedReturns(member, settings, scores));
      return creditTurns(trees, group, (leaf, turn, depth) => ({
        advantage: returnsOf[leaf]![depth]!,
        weight: weight(leaf, turn),
      }));
    },
  };
  return {
    ...whitened(returns, { per, whitenEpsilon, invalidPenalty, unavailablePenalty }),
    id: 'reinforce-plus-plus',
  };
}
