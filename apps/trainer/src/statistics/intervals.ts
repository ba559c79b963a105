/** The 97.5 % quantile of the standard normal distribution: two-sided 95 % intervals. */
const Z = 1.959963984540054;

/** A rate with its interval. */
export interface RateInterval {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  readonly episodes: number;
}

/** A mean, or a mean difference, with its interval. */
export interface DifferenceInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's 95 % score interval of a success rate (E. B. Wilson, 1927):
 * `(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)`. Keeps to [0, 1] and holds for small n and rates near 0 or 1.
 */
export const wilsonInterval = (successes: readonly boolean[]): RateInterval =>
  wilsonOf(successes.filter(Boolean).length / successes.length, successes.length);

/** The same of a rate that was observed in n trials; it need not be a whole number of successes. */
export function wilsonOf(rate: number, n: number): RateInterval {
  if (n === 0) return { rate: NaN, low: NaN, high: NaN, episodes: 0 };
  const centre = rate + (Z * Z) / (2 * n);
  const half = Z * Math.sqrt((rate * (1 - rate)) / n + (Z * Z) / (4 * n * n));
  const scale = 1 + (Z * Z) / n;
  return {
    rate,
    low: Math.max(0, (centre - half) / scale),
    high: Math.min(1, (centre + half) / scale),
    episodes: n,
  };
}

/** The 95 % interval of a mean, `mean ± z √(var / n)` (ddof 1); NaN for fewer than two values. */
export function meanInterval(values: readonly number[]): DifferenceInterval {
  const n = values.length;
  if (n < 2) return { mean: NaN, low: NaN, high: NaN };
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = Z * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}

/**
 * The 95 % interval of the difference of two mean scores, or success rates, on the same tasks, in pairs: with d_i = after_i - before_i,
 * `mean(d) ± z √(var(d) / n)` (ddof 1). Pairing removes what the difficulty of the tasks adds to both.
 *
 * @param before - success or score on task i, at index i
 * @param after - the same of the same task i
 */
export function pairedDifference(
  before: readonly (boolean | number)[],
  after: readonly (boolean | number)[],
): DifferenceInterval {
  const n = before.length;
  if (after.length !== n) {
    throw new RangeError(
      `before has ${n} episodes and after ${after.length}; give both on the same tasks`,
    );
  }
  return meanInterval(before.map((value, i) => Number(after[i]) - Number(value)));
}
