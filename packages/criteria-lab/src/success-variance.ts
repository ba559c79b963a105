/**
 * The unbiased estimate of the variance of a 0/1 outcome, `n/(n-1) p (1-p)` with p = k/n: 0 when all agree, at most
 * `n / (4 (n-1))`.
 *
 * @param successes - k in [0, n]
 * @param continuations - n, at least 2
 */
export function successVariance(successes: number, continuations: number): number {
  const p = successes / continuations;
  return (continuations / (continuations - 1)) * p * (1 - p);
}

/**
 * The standard error of {@link successVariance}: `√((μ₄ - σ⁴ (n-3)/(n-1)) / n)`, which holds for any distribution, with
 * `σ² = p (1-p)` and `μ₄ = σ² (1 - 3σ²)` of a 0/1 outcome. p is put at (k+1)/(n+2): at k/n, sixteen outcomes that agree would
 * claim to be certain.
 */
export function successVarianceError(successes: number, continuations: number): number {
  const p = (successes + 1) / (continuations + 2);
  const variance = p * (1 - p);
  const fourthMoment = variance * (1 - 3 * variance);
  const n = continuations;
  return Math.sqrt(Math.max(0, fourthMoment - (variance ** 2 * (n - 3)) / (n - 1)) / n);
}
