import { randomSource, type RandomKey } from '@spark-rl/core';

import { wilsonInterval, type DifferenceInterval } from './intervals.js';

const RESAMPLES = 1000;

/**
 * The 95 % interval of a mean over tasks by the bootstrap, clustered by task: whole tasks are drawn with replacement, because the episodes
 * of one task resemble each other, and the 2.5 % and 97.5 % quantiles of 1,000 such means are the interval (Efron, 1979; percentile method).
 *
 * @param values - what each task came to, such as its {@link passAtK}; tasks count alike, however many episodes they had
 * @param key - names the draws: the same key gives the same interval
 * @returns NaN for fewer than two tasks
 */
export function clusteredBootstrap(values: readonly number[], key: RandomKey): DifferenceInterval {
  const n = values.length;
  if (n < 2) return { mean: n === 0 ? NaN : values[0]!, low: NaN, high: NaN };
  const random = randomSource([...key, 'bootstrap']);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < n; drawn++) sum += values[random.integer(n)]!;
    return sum / n;
  }).sort();
  const quantile = (share: number): number => {
    const place = share * (RESAMPLES - 1);
    const below = means[Math.floor(place)]!;
    return below + (place - Math.floor(place)) * (means[Math.ceil(place)]! - below);
  };
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return { mean, low: quantile(0.025), high: quantile(0.975) };
}

/**
 * The same for shares in [0, 1]. Where every task came to 0, or every one to 1, each resample would, too, and the bootstrap would claim to
 * be certain; Wilson's interval with one trial a task stands in for it, which is too wide rather than too narrow. So it does for a single task.
 */
export function clusteredRate(shares: readonly number[], key: RandomKey): DifferenceInterval {
  const [first] = shares;
  if ((first === 0 || first === 1) && shares.every((share) => share === first)) {
    const { rate, low, high } = wilsonInterval(shares.map((share) => share === 1));
    return { mean: rate, low, high };
  }
  return clusteredBootstrap(shares, key);
}
