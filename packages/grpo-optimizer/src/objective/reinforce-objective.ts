import type { TensorOps } from '@spark-rl/tensor';

import type { TokenCredit } from './clipped-objective.js';

/**
 * The objective of REINFORCE (Williams 1992, https://doi.org/10.1007/BF00992696), without ratio or clipping:
 *
 *     sum_i w_i A_i log p  =  (P + Q) log p
 *
 * Its gradient is the policy gradient where the weights are those that sampled: one optimiser step a batch. For further steps use the
 * clipped objective without its bounds, whose gradient has the importance weight r.
 *
 * @param logProbs - log p, shape [n]
 * @returns the objective of each token, to be made large, shape [n]
 */
export const reinforceObjective = <T>(
  ops: TensorOps<T>,
  logProbs: T,
  { positive, negative }: TokenCredit<T>,
): T => ops.mul(ops.add(positive, negative), logProbs);
