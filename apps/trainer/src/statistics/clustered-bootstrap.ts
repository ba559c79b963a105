import { randomSource, type RandomKey } from '@spark-rl/core';

import { wilsonOf, type DifferenceInterval } from './intervals.js';

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

/** Resamples of fewer exceptions than this tell too little: most of them would be the same. */
const ENOUGH = 5;

/**
 * The same for shares in [0, 1]. Where all tasks but a few came to 0, or all but a few to 1, most resamples are alike, and the bootstrap would
 * claim to be all but certain; Wilson's interval with one trial a task stands in for it, which is too wide rather than too narrow.
 */
export function clusteredRate(shares: readonly number[], key: RandomKey): DifferenceInterval {
  const above = shares.filter((share) => share > 0).length;
  const below = shares.filter((share) => share < 1).length;
  if (Math.min(above, below) >= ENOUGH) return clusteredBootstrap(shares, key);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const { low, high } = wilsonOf(mean, shares.length);
  return { mean, low, high };
}
