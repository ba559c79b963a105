import {
  dynamicSampling,
  environmentScore,
  informativeGroups,
  successReward,
  type LeafReward,
  type SamplingDecision,
} from '@spark-rl/advantage-normalization';
import type { Tree } from '@spark-rl/core';

import type { TrainConfig } from '../config/schema.js';

/** The trees of each task. */
export type Groups = readonly (readonly Tree[])[];

/** What a path earned, by the configuration. */
export const leafReward = ({ learning }: Pick<TrainConfig, 'learning'>): LeafReward =>
  learning.reward === 'score' ? environmentScore : successReward;

/** Which groups are learned from, and how many tasks are taken further, after a round of them; rounds count from 0. */
export type GroupFilter = (
  groups: Groups,
  round: number,
) => Pick<SamplingDecision, 'kept' | 'newTasks'>;

/** The rule of `learning.groupFilter`: all groups, those whose paths earned different rewards, or enough of those. */
export function groupFilter(config: Pick<TrainConfig, 'learning' | 'rollout'>): GroupFilter {
  const { learning, rollout } = config;
  const reward = leafReward(config);
  switch (learning.groupFilter) {
    case 'none':
      return (groups) => ({ kept: groups.map((_, place) => place), newTasks: 0 });
    case 'drop':
      return (groups) => ({ kept: informativeGroups(groups, { reward }).kept, newTasks: 0 });
    case 'resample':
      return dynamicSampling({
        groups: rollout.tasksPerStep,
        rounds: learning.maxGenerationBatches,
        reward,
      });
  }
}
