import { randomSource, type RandomKey } from '@spark-rl/core';

/** A measure with its 95 % interval; null where it is not defined. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** How intervals are made. */
export interface BootstrapOptions {
  /** Names the random draws; equal keys draw the same tasks, so that measures are compared on the same samples. */
  readonly seed: RandomKey;
  readonly resamples: number;
}

/** The quantile of sorted numbers, in between by a straight line. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? NaN;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}

/** The samples of a bootstrap: as many items as there are, drawn with replacement. */
export function bootstrapSamples<Item>(
  items: readonly Item[],
  { seed, resamples }: BootstrapOptions,
): readonly (readonly Item[])[] {
  const random = randomSource([...seed, 'bootstrap']);
  return Array.from({ length: resamples }, () => items.map(() => random.pick(items)));
}

/**
 * A measure with its percentile bootstrap interval: its 2.5 % and 97.5 % quantiles over the samples. Turns of one task are not
 * independent, so the items that are drawn are tasks.
 *
 * @param samples - from {@link bootstrapSamples} of the same items
 * @returns no interval for fewer than two items, or when the measure is undefined on more than half of the samples
 * @see B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13
 */
export function estimate<Item>(
  items: readonly Item[],
  samples: readonly (readonly Item[])[],
  measure: (items: readonly Item[]) => number | null,
): Estimate {
  const value = measure(items);
  if (items.length < 2 || value === null) return { value, low: null, high: null };
  const values = samples.map(measure).filter((each) => each !== null);
  if (values.length === 0 || 2 * values.length < samples.length)
    return { value, low: null, high: null };
  values.sort((a, b) => a - b);
  return { value, low: quantile(values, 0.025), high: quantile(values, 0.975) };
}
