/** How the policy term of a token is weighed for the difference between who sampled it and who learns from it. */
export interface ImportanceCorrection {
  /** One ratio a token, or one a turn's response: the product of its tokens' ratios. */
  readonly level: 'token' | 'sequence';
  /** Ratios above `high` count as `high`; or what lies outside [low, high] is not trained. */
  readonly mode: 'clip' | 'mask';
  /** Read by `mask` only. */
  readonly low: number;
  readonly high: number;
}

/**
 * The weights of a response's tokens. The sampler (an inference server, other kernels, an older version) drew them from mu, the learner
 * finds pi before its first update, rho_t = pi_t / mu_t; at sequence level rho is the product over the response.
 *
 * - `clip`: min(rho, high), truncated importance sampling (https://fengyao.notion.site/off-policy-rl; Ionides 2008,
 *   https://doi.org/10.1198/106186008X320456).
 * - `mask`: rho inside [low, high], 0 outside.
 *
 * Constants to the gradient, and the same for all copies of a turn, so that they multiply P and Q. KL and entropy are left as they are.
 *
 * @param now - log pi of each token, shape [T]
 * @param sampled - log mu of each token, shape [T]
 */
export function correctionWeights(
  now: ArrayLike<number>,
  sampled: ArrayLike<number>,
  { level, mode, low, high }: ImportanceCorrection,
): Float64Array {
  const differences = Float64Array.from(sampled, (mu, i) => (now[i] ?? NaN) - mu);
  const weigh = (logRatio: number): number => {
    const ratio = Math.exp(Math.max(-20, Math.min(20, logRatio)));
    if (mode === 'clip') return Math.min(ratio, high);
    return ratio >= low && ratio <= high ? ratio : 0;
  };
  if (level === 'token') return differences.map(weigh);
  const whole = weigh(differences.reduce((sum, difference) => sum + difference, 0));
  return differences.fill(whole);
}

/** How far the learner's probabilities are from the sampler's, over tokens. */
export interface SamplerDrift {
  /** The mean of rho. */
  readonly mean: number;
  /** The 95th percentile of rho (nearest rank). */
  readonly p95: number;
  /** The share of tokens whose rho lies outside [0.9, 1.1]. */
  readonly outside: number;
  /** The largest |rho - 1|. */
  readonly largest: number;
}

/**
 * Sums up the ratios rho of tokens; zeros where there are none.
 *
 * @param logRatios - log pi - log mu of each token
 */
export function samplerDrift(logRatios: readonly number[]): SamplerDrift {
  const ratios = logRatios.map((x) => Math.exp(x)).sort((a, b) => a - b);
  const n = ratios.length;
  if (n === 0) return { mean: 0, p95: 0, outside: 0, largest: 0 };
  return {
    mean: ratios.reduce((sum, ratio) => sum + ratio, 0) / n,
    p95: ratios[Math.ceil(0.95 * n) - 1]!,
    outside: ratios.filter((ratio) => ratio < 0.9 || ratio > 1.1).length / n,
    largest: ratios.reduce((most, ratio) => Math.max(most, Math.abs(ratio - 1)), 0),
  };
}
