import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { copyWeight, leafReaches } from '../group/copy-weights.js';
import { groupLeaves } from '../group/group.js';
import { creditTurns, penaltyOf } from '../group/turn-credits.js';
import { commonShape, normalisationShape, penaliseRule, stepRewardOption } from '../options.js';
import { normaliseWithin } from '../statistics/normalise-within.js';
import { anchorGroups } from './anchor-groups.js';
import { discountedReturns } from './discounted-returns.js';
import { episodeAdvantages } from './episode-advantages.js';
import { rowsOf, type Row } from './rows.js';
import { terminalReward } from './step-rewards.js';

const optionsSchema = z
  .strictObject({
    ...normalisationShape,
    ...commonShape,
    stepReward: stepRewardOption.default(() => terminalReward),
    gamma: z.number().min(0).max(1).default(0.95),
    stepWeight: z.number().min(0).default(1),
    episode: z.enum(['leaves', 'rows']).default('leaves'),
    similarity: z.number().gt(0).lt(1).nullable().default(null),
    penalise: z.enum(['after', 'before']).default('after'),
  })
  .refine(...penaliseRule);

/** The settings of {@link giGpo}. */
export type GiGpoOptions = z.input<typeof optionsSchema>;

/**
 * GiGPO (arXiv 2505.10978, equations 3 to 8; https://github.com/langfengQ/verl-agent): an advantage of the episode, and one of the step
 * among all steps that started from the same observation.
 *
 *     A_E(i) = (R_i - mean R) / F                              over the leaves (`episode`: or over rows)
 *     G(i, t) = sum over k >= t of gamma^(k - t) r(i, k)
 *     A_S(i, t) = (G(i, t) - mean G) / F                       over the copies with the same anchor observation; 0 for a turn that nothing is compared with
 *     copy of turn t from leaf i: A_E(i) + stepWeight A_S(i, t) - penalties, weight w
 *
 * F is the standard deviation + epsilon with `std` (the mode mean_std_norm) and 1 without (mean_norm). An anchor observation is the
 * observation's text, without history; with `similarity`, such as 0.95, texts that are so alike are one anchor. In a tree the children of a fork
 * always share an anchor. The statistics of a step count a copy by its weight: with `mean` a shared turn counts once, with `sum` as often
 * as code that duplicates rows has it; copies of one turn alone compare nothing that was decided there. With `episode` `rows`, `penalise`
 * `before` takes fines off R_i and G(i, t) of that row, as published, where they are divided like them.
 *
 * When to use it: in worlds whose observations recur, such as rooms and pages; with long episodes and a reward at the end.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or node at fault
 */
export function giGpo(options: GiGpoOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of giGpo');
  return {
    id: 'gigpo',
    estimate: (trees, scores) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < 2) return [];
      const weight = copyWeight(group, settings.weights);
      const { rows, starts } = rowsOf(group, weight);
      const early = (row: Row): number =>
        settings.penalise === 'before' ? penaltyOf(row.turn, settings) : 0;
      const reaches = settings.weights === 'reach' ? leafReaches(group) : undefined;
      const episode = episodeAdvantages(group, rows, early, { ...settings, reaches });
      const returns = group.map((member) => discountedReturns(member, settings, scores));
      const anchors = anchorGroups([...new Set(rows.map(({ turn }) => turn))], settings.similarity);
      const step = normaliseWithin(
        rows.map((row) => ({
          value: returns[row.leaf]![row.depth]! - early(row),
          group: anchors.get(row.turn)!,
          unit: row.turn,
          weight: row.weight,
        })),
        settings,
        'zero',
      );
      return creditTurns(trees, group, (leaf, turn, depth) => {
        const row = starts[leaf]! + depth;
        const late = settings.penalise === 'after' ? penaltyOf(turn, settings) : 0;
        return {
          advantage: episode[row]! + settings.stepWeight * step[row]! - late,
          weight: rows[row]!.weight,
        };
      });
    },
  };
}
