import type { TurnScores } from '@spark-rl/core';

import type { GroupLeaf } from '../group/group.js';
import { stepRewards, type StepReward } from './step-rewards.js';

/**
 * The discounted return from every turn of a leaf's path on:
 *
 *     G(t) = r(t) + gamma G(t + 1)
 *
 * @param gamma - the discount of a turn, in [0, 1]
 */
export function discountedReturns(
  member: GroupLeaf,
  { stepReward, gamma }: { readonly stepReward: StepReward; readonly gamma: number },
  scores?: TurnScores,
): readonly number[] {
  let running = 0;
  return [...stepRewards(member, stepReward, scores)]
    .reverse()
    .map((reward) => (running = reward + gamma * running))
    .reverse();
}
