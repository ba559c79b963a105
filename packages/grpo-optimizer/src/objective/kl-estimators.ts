import type { TensorOps } from '@spark-rl/tensor';

import { boundLogRatio } from './log-ratio.js';

/** An estimate of the KL divergence of the policy from the reference out of one sampled token; see {@link klEstimate}. */
export type KlEstimator = 'k1' | 'k2' | 'k3' | 'absolute';

/**
 * k1 = -d with d = log ref - log p (http://joschu.net/blog/kl-approx.html). Unbiased, of either sign. As a term of the loss its expected
 * gradient is zero, so it pulls nowhere: use it in the reward.
 */
const k1 = <T>(ops: TensorOps<T>, d: T): T => ops.neg(d);

/** k2 = d^2 / 2. Biased as a value; its gradient, on the policy's own samples, is the gradient of the divergence. */
const k2 = <T>(ops: TensorOps<T>, d: T): T => ops.mul(ops.constant(0.5), ops.mul(d, d));

/** k3 = exp(d) - d - 1. Unbiased, never negative, of small variance. */
export const k3 = <T>(ops: TensorOps<T>, d: T): T =>
  ops.sub(ops.sub(ops.exp(d), d), ops.constant(1));

/** |d|: how far apart, whichever way (verl's `abs`). */
const absoluteDifference = <T>(ops: TensorOps<T>, d: T): T => ops.abs(d);

const estimators: Readonly<Record<KlEstimator, <T>(ops: TensorOps<T>, d: T) => T>> = {
  k1,
  k2,
  k3,
  absolute: absoluteDifference,
};

/**
 * The estimate of each token, cut to [-clamp, clamp]: one token that the reference finds all but impossible does not decide the step. Where
 * it is cut it has no gradient. Differences d are cut to +-20 first.
 *
 * @param logProbs - log p of the policy, shape [n]
 * @param reference - log p of the reference, shape [n]
 * @param clamp - positive; Infinity for no cut
 */
export function klEstimate<T>(
  ops: TensorOps<T>,
  kind: KlEstimator,
  logProbs: T,
  reference: T,
  clamp: number,
): T {
  const estimate = estimators[kind](ops, boundLogRatio(ops, ops.sub(reference, logProbs)));
  if (clamp === Infinity) return estimate;
  const capped = ops.minimum(estimate, ops.constant(clamp));
  return kind === 'k1' ? ops.maximum(capped, ops.constant(-clamp)) : capped;
}
