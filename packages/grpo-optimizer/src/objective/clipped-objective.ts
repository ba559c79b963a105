import type { TensorOps } from '@spark-rl/tensor';

/** Where the ratio is clipped. */
export interface ClipRange {
  /** e_low: below 1 - e_low a negative advantage pushes no further; 1 for no bound. */
  readonly clipLow: number;
  /** e_high: above 1 + e_high a positive advantage pushes no further (above e_low: "clip higher", arXiv 2503.14476); Infinity for no bound. */
  readonly clipHigh: number;
  /** c: above c a negative advantage pushes no further (dual clip, arXiv 1912.09729); Infinity for none. */
  readonly dualClip: number;
}

/** What the copies of each token come to; all of shape [n]. */
export interface TokenCredit<T> {
  /** P = sum w max(A, 0). */
  readonly positive: T;
  /** Q = sum w min(A, 0). */
  readonly negative: T;
}

/**
 * The clipped objective of PPO (arXiv 1707.06347, section 3) for a token whose k copies have advantages A_i and weights w_i, in one
 * evaluation. As k rows it is sum_i w_i min(r A_i, clip(r) A_i), and for A_i < 0 at least c w_i A_i. Since A_i only matters by its sign,
 * that equals
 *
 *     P min(r, 1 + e_high) + Q min(max(r, 1 - e_low), c)
 *
 * With `clipLow` 1, `clipHigh` and `dualClip` Infinity it is r (P + Q): the policy gradient with importance weights, unclipped.
 *
 * @param ratio - r, shape [n]
 * @returns the objective of each token, to be made large, shape [n]
 */
export function clippedObjective<T>(
  ops: TensorOps<T>,
  ratio: T,
  { positive, negative }: TokenCredit<T>,
  { clipLow, clipHigh, dualClip }: ClipRange,
): T {
  const capped = clipHigh === Infinity ? ratio : ops.minimum(ratio, ops.constant(1 + clipHigh));
  const gain = ops.mul(positive, capped);
  const floored = ops.maximum(ratio, ops.constant(1 - clipLow));
  const bounded = dualClip === Infinity ? floored : ops.minimum(floored, ops.constant(dualClip));
  return ops.add(gain, ops.mul(negative, bounded));
}

/** 1 where clipping takes the gradient of at least one copy away, else 0; shape [n]. */
export function isClipped<T>(
  ops: TensorOps<T>,
  ratio: T,
  { positive, negative }: TokenCredit<T>,
  { clipLow, clipHigh, dualClip }: ClipRange,
): T {
  const zero = ops.constant(0);
  const flag = (condition: T): T => ops.toFloat(condition);
  const gains = flag(ops.less(zero, positive));
  const loses = flag(ops.less(negative, zero));
  const high =
    clipHigh === Infinity
      ? zero
      : ops.mul(gains, flag(ops.less(ops.constant(1 + clipHigh), ratio)));
  const low = ops.mul(loses, flag(ops.less(ratio, ops.constant(1 - clipLow))));
  const either = ops.maximum(high, low);
  if (dualClip === Infinity) return either;
  return ops.maximum(either, ops.mul(loses, flag(ops.less(ops.constant(dualClip), ratio))));
}
