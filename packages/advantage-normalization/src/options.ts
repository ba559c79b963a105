import { z } from 'zod';

import { successReward, type LeafReward } from './group/rewards.js';
import type { StepReward } from './steps/step-rewards.js';

/** How values are normalised; see `normalise`. */
export const normalisationShape = {
  std: z.boolean().default(true),
  ddof: z.union([z.literal(0), z.literal(1)]).default(1),
  epsilon: z.number().min(0).default(1e-6),
};

export const rewardOption = z.custom<LeafReward>(
  (value) => typeof value === 'function',
  'give a function from a leaf to a number',
);

export const stepRewardOption = z.custom<StepReward>(
  (value) => typeof value === 'function',
  'give a function from a step to a number',
);

export const weightsOption = z.enum(['mean', 'reach', 'sum']);

export const penaltyOption = z.number().min(0);

/** What nearly every estimator takes: the reward of a leaf, the fines of a turn after normalising, and the weights of copies. */
export const commonShape = {
  reward: rewardOption.default(() => successReward),
  weights: weightsOption.default('mean'),
  invalidPenalty: penaltyOption.default(0.03),
  unavailablePenalty: penaltyOption.default(0),
};

/** Whether the statistics weigh a leaf by its reach, too; by default with weights `reach`. */
export const weightedStatisticsOption = z.boolean().optional();

/** Refuses weighted statistics where leaves have no weight of their own. */
export const weightedStatisticsRule = [
  (options: { readonly weights: string; readonly weightedStatistics?: boolean | undefined }) =>
    options.weightedStatistics !== true || options.weights === 'reach',
  {
    path: ['weightedStatistics'] as PropertyKey[],
    error: 'only weights "reach" give a leaf one weight, so only they can weigh the statistics',
  },
] as const;

/** Refuses fines before normalising where a leaf, which has no fine of its own, is what is normalised. */
export const penaliseRule = [
  (options: { readonly penalise: string; readonly episode: string }) =>
    options.penalise === 'after' || options.episode === 'rows',
  {
    path: ['penalise'] as PropertyKey[],
    error: 'fines can come before normalising only where rows are normalised: episode "rows"',
  },
] as const;
