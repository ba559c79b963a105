import { parseInput, type AdvantageEstimator } from '@spark-rl/core';
import { z } from 'zod';

import { copyWeight, leafReaches } from '../group/copy-weights.js';
import { groupLeaves } from '../group/group.js';
import { creditTurns, penaltyOf } from '../group/turn-credits.js';
import { commonShape, normalisationShape, penaliseRule, penaltyOption } from '../options.js';
import { normaliseWithin } from '../statistics/normalise-within.js';
import { episodeAdvantages } from './episode-advantages.js';
import { rowsOf, type Row } from './rows.js';
import { tagRewards, type TagRewardsOptions } from './tag-rewards.js';

const optionsSchema = z
  .strictObject({
    ...normalisationShape,
    ...commonShape,
    invalidPenalty: penaltyOption.default(0.1),
    tagRewards: z.custom<TagRewardsOptions>().optional(),
    form: z.enum(['alpha', 'sum']).default('alpha'),
    alpha: z.number().min(0).max(1).default(0.5),
    tagWeight: z.number().min(0).default(1),
    episode: z.enum(['leaves', 'rows']).default('leaves'),
    penalise: z.enum(['after', 'before']).default('after'),
    lone: z.enum(['zero', 'raw']).default('zero'),
  })
  .refine(...penaliseRule);

/** The settings of `rlvmr`. */
export type RlvmrOptions = Omit<z.input<typeof optionsSchema>, 'tagRewards'> & {
  readonly tagRewards?: TagRewardsOptions;
};

/**
 * RLVMR (arXiv 2507.22844): an advantage of the episode, and one of the reasoning tag's rule reward among all turns of the task with the same
 * tag.
 *
 *     A_E(i) = (R_i - mean R) / F                              over the leaves (`episode`: or over rows)
 *     A_T(i, t) = (q(i, t) - mean q) / F                       over the copies with the same tag; q by {@link tagRewards}
 *     alpha A_E + (1 - alpha) A_T      form `alpha`, as in the paper
 *     A_E + tagWeight A_T              form `sum`, as in the published code
 *     copy of turn t from leaf i: that - penalties, weight w
 *
 * F is the standard deviation + epsilon with `std` and 1 without. Turns without a tag have A_T 0. A tag that a single turn has gets A_T 0;
 * with `lone` `raw`, as published, its reward. The format penalty is `invalidPenalty`; published, it is taken off the reward of a row before
 * normalising: `penalise` `before`. The tags are the modes of the parsed response.
 *
 * When to use it: with an agent that tags every turn planning, explore, reflection or monitor.
 *
 * @throws InvalidInputError naming the wrong option or, from `estimate`, the tree or leaf at fault
 */
export function rlvmr(options: RlvmrOptions = {}): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of rlvmr');
  const rewardsOf = tagRewards(settings.tagRewards);
  const [episodeFactor, tagFactor] =
    settings.form === 'alpha' ? [settings.alpha, 1 - settings.alpha] : [1, settings.tagWeight];
  return {
    id: 'rlvmr',
    estimate: (trees) => {
      const group = groupLeaves(trees, settings.reward);
      if (group.length < 2) return [];
      const { rows, starts } = rowsOf(group, copyWeight(group, settings.weights));
      const early = (row: Row): number =>
        settings.penalise === 'before' ? penaltyOf(row.turn, settings) : 0;
      const reaches = settings.weights === 'reach' ? leafReaches(group) : undefined;
      const episode = episodeAdvantages(group, rows, early, { ...settings, reaches });
      const earned = group.flatMap((member) => rewardsOf(member));
      const tag = normaliseWithin(
        rows.map((row, i) => ({
          value: earned[i]!.reward,
          group: earned[i]!.tag,
          unit: row.turn,
          weight: row.weight,
        })),
        settings,
        settings.lone,
      );
      return creditTurns(trees, group, (leaf, turn, depth) => {
        const row = starts[leaf]! + depth;
        const late = settings.penalise === 'after' ? penaltyOf(turn, settings) : 0;
        return {
          advantage: episodeFactor * episode[row]! + tagFactor * tag[row]! - late,
          weight: rows[row]!.weight,
        };
      });
    },
  };
}
