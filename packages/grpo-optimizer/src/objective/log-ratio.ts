import type { TensorOps } from '@spark-rl/tensor';

/** A difference of log-probabilities, cut to +-20: beyond that it says nothing more, and its exp could overflow. */
export const boundLogRatio = <T>(ops: TensorOps<T>, difference: T): T =>
  ops.maximum(ops.minimum(difference, ops.constant(20)), ops.constant(-20));
