import type { TensorOps } from '@spark-rl/tensor';

import type { ClipRange, TokenCredit } from './clipped-objective.js';

/** The ratio cut to [1 - e_low, 1 + e_high], as a constant: no gradient flows through it. */
function cutRatio<T>(
  ops: TensorOps<T>,
  ratio: T,
  { clipLow, clipHigh }: Pick<ClipRange, 'clipLow' | 'clipHigh'>,
): T {
  const capped = clipHigh === Infinity ? ratio : ops.minimum(ratio, ops.constant(1 + clipHigh));
  return ops.stopGradient(ops.maximum(capped, ops.constant(1 - clipLow)));
}

/**
 * The objective of CISPO (MiniMax-M1, arXiv 2506.13585, section 3.1): the clipped ratio weighs the log-probability, and is itself a
 * constant, so that no token loses its gradient:
 *
 *     sum_i w_i sg[clip(r, 1 - e_low, 1 + e_high)] A_i log p  =  (P + Q) sg[clip(r, 1 - e_low, 1 + e_high)] log p
 *
 * It is linear in the advantage: copies collapse to P + Q. The paper clips above only (`clipLow` 1). Use it where rare, long-shot tokens
 * should go on learning after the first of several updates.
 *
 * @param ratio - r, shape [n]
 * @param logProbs - log p, shape [n]
 * @returns the objective of each token, to be made large, shape [n]
 */
export function cispoObjective<T>(
  ops: TensorOps<T>,
  ratio: T,
  logProbs: T,
  { positive, negative }: TokenCredit<T>,
  range: Pick<ClipRange, 'clipLow' | 'clipHigh'>,
): T {
  const credit = ops.add(positive, negative);
  return ops.mul(ops.mul(credit, cutRatio(ops, ratio, range)), logProbs);
}

/** 1 where the ratio of a credited token is cut, else 0; shape [n]. Unlike with {@link cispoObjective}'s peers it keeps a gradient. */
export function isCut<T>(
  ops: TensorOps<T>,
  ratio: T,
  { positive, negative }: TokenCredit<T>,
  range: Pick<ClipRange, 'clipLow' | 'clipHigh'>,
): T {
  const moved = ops.less(ops.constant(0), ops.abs(ops.sub(ratio, cutRatio(ops, ratio, range))));
  const credited = ops.less(ops.constant(0), ops.sub(positive, negative));
  return ops.mul(ops.toFloat(moved), ops.toFloat(credited));
}
