import type { GrpoOptions } from '@spark-rl/grpo-optimizer';

import type { TrainConfig } from '../config/schema.js';

/**
 * The learner's options as a configuration gives them; those under `objective` come last. Turns that are older than rollouts run ahead are
 * withheld: on-policy, all that are not of the weights that learn.
 */
export const learnerOptions = ({
  learning,
  rollout,
}: {
  readonly learning: TrainConfig['learning'];
  readonly rollout: Pick<TrainConfig['rollout'], 'stepsAhead'>;
}): GrpoOptions => ({
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
  maxStaleness: rollout.stepsAhead,
  ...(learning.objective as Partial<GrpoOptions>),
});
