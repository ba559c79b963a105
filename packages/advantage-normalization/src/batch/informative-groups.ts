import { parseInput, type AdvantageEstimator, type Tree } from '@spark-rl/core';
import { z } from 'zod';

import { groupLeaves } from '../group/group.js';
import { successReward } from '../group/rewards.js';
import { rewardOption } from '../options.js';

const optionsSchema = z.strictObject({
  reward: rewardOption.default(() => successReward),
  minSpread: z.number().min(0).default(0),
});

/** The settings of {@link informativeGroups} and {@link onlyInformative}. */
export type InformativeGroupsOptions = z.input<typeof optionsSchema>;

/** Why a group was left out: fewer than two completed leaves, or rewards that hardly differ. */
export type DropReason = 'too-few-leaves' | 'equal-rewards';

/** What became of the groups of a batch, by their places in it. */
export interface FilteredGroups {
  readonly kept: readonly number[];
  readonly dropped: readonly { readonly group: number; readonly reason: DropReason }[];
}

function dropReason(
  trees: readonly Tree[],
  { reward, minSpread }: z.output<typeof optionsSchema>,
): DropReason | null {
  const rewards = groupLeaves(trees, reward).map((member) => member.reward);
  if (rewards.length < 2) return 'too-few-leaves';
  return Math.max(...rewards) - Math.min(...rewards) > minSpread ? null : 'equal-rewards';
}

/**
 * Filters groups as DAPO does (arXiv 2503.14476, section 3.2): a group is kept when max R - min R > `minSpread`. The others have no
 * policy gradient; dropping them keeps penalties, KL and entropy from being all that they train.
 *
 * @throws InvalidInputError naming the wrong option, or the tree or leaf at fault
 */
export function informativeGroups(
  groups: readonly (readonly Tree[])[],
  options: InformativeGroupsOptions = {},
): FilteredGroups {
  const settings = parseInput(optionsSchema, options, 'options of informativeGroups');
  const reasons = groups.map((trees) => dropReason(trees, settings));
  return {
    kept: reasons.flatMap((reason, group) => (reason === null ? [group] : [])),
    dropped: reasons.flatMap((reason, group) => (reason === null ? [] : [{ group, reason }])),
  };
}

/** The estimator, silent on groups that {@link informativeGroups} would drop. */
export function onlyInformative(
  estimator: AdvantageEstimator,
  options: InformativeGroupsOptions = {},
): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of onlyInformative');
  return {
    ...estimator,
    id: `informative(${estimator.id})`,
    estimate: (trees, scores) =>
      dropReason(trees, settings) === null ? estimator.estimate(trees, scores) : [],
  };
}
