import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { copyWeight } from '../group/copy-weights.js';
import { groupLeaves } from '../group/group.js';
import { creditTurns, penaltyOf } from '../group/turn-credits.js';
import { commonShape, normalisationShape, stepRewardOption } from '../options.js';
import { normaliseWithin } from '../statistics/normalise-within.js';
import { discountedReturns } from './discounted-returns.js';
import { rowsOf } from './rows.js';
import { terminalReward } from './step-rewards.js';

const optionsSchema = z.strictObject({
  ...normalisationShape,
  ...commonShape,
  std: z.boolean().default(false),
  stepReward: stepRewardOption.default(() => terminalReward),
  gamma: z.number().min(0).max(1).default(0.95),
  compare: z.enum(['turn-index', 'group', 'none']).default('turn-index'),
});

/** The settings of {@link turnDiscounted}. */
export type TurnDiscountedOptions = z.input<typeof optionsSchema>;

/**
 * Discounted returns by turn: a turn is credited with what was earned from it on.
 *
 *     G(i, t) = sum over k >= t of gamma^(k - t) r(i, k)
 *     A(i, t) = G(i, t) - mean G, with `std` divided by (std G + epsilon); over the copies of
 *               turns with the same index (`turn-index`), of all turns (`group`), or G itself (`none`)
 *     copy of turn t from leaf i: A(i, t) - penalties, weight w; the statistics count a copy by w
 *
 * r(i, k) is the leaf's reward at its last turn (`terminalReward`, the default), the gain of the environment's score (`scoreGain`), what a
 * scorer said (`ratedReward`), or any function of the step. Reward-to-go is REINFORCE's (Sutton, Barto, Reinforcement Learning, chapter 13.3); turn-wise
 * returns for agents are studied in RAGEN (arXiv 2504.20073).
 *
 * When to use it: with rewards at every turn; with a terminal reward, to value short ways higher.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or node at fault
 */
export function turnDiscounted(options: TurnDiscountedOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of turnDiscounted');
  return {
    id: 'turn-discounted',
    estimate: (trees, scores) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < 2 && settings.compare !== 'none') return [];
      const { rows, starts } = rowsOf(group, copyWeight(group, settings.weights));
      const returns = group.map((member) => discountedReturns(member, settings, scores));
      const comparable = rows.map(({ leaf, turn, depth, weight }) => ({
        value: returns[leaf]![depth]!,
        group: settings.compare === 'turn-index' ? depth : 0,
        unit: turn,
        weight,
      }));
      const advantages =
        settings.compare === 'none'
          ? comparable.map(({ value }) => value)
          : normaliseWithin(comparable, settings, 'zero');
      return creditTurns(trees, group, (leaf, turn, depth) => {
        const row = starts[leaf]! + depth;
        return {
          advantage: advantages[row]! - penaltyOf(turn, settings),
          weight: rows[row]!.weight,
        };
      });
    },
  };
}
