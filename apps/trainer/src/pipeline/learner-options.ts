import type { GrpoOptions } from '@spark-rl/grpo-optimizer';

import type { TrainConfig } from '../config/schema.js';

/** The learner's options as a configuration gives them; those under `objective` come last. */
export const learnerOptions = ({ learning }: Pick<TrainConfig, 'learning'>): GrpoOptions => ({
  learningRate: learning.learningRate,
  ...(learning.optimizerStepsPerBatch !== null && {
    optimizerStepsPerBatch: learning.optimizerStepsPerBatch,
  }),
  clipLow: learning.clip,
  clipHigh: learning.clip,
  klCoefficient: learning.klCoefficient,
  entropyCoefficient: learning.entropyCoefficient,
  tokenBudget: learning.microBatchTokens,
  packing: learning.packing,
  ...(learning.objective as Partial<GrpoOptions>),
});
