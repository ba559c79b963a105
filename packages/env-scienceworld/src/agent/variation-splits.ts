import { InvalidInputError } from '@spark-rl/core';

/** The variation splits of ScienceWorld. */
export const VARIATION_SPLITS = ['train', 'dev', 'test'] as const;
export type VariationSplit = (typeof VARIATION_SPLITS)[number];

/** Variations from `first` to before `end`. */
export interface VariationRange {
  readonly first: number;
  readonly end: number;
}

const FEW: readonly Readonly<Record<VariationSplit, VariationRange>>[] = [
  { train: { first: 0, end: 0 }, dev: { first: 0, end: 0 }, test: { first: 0, end: 0 } },
  { train: { first: 0, end: 1 }, dev: { first: 1, end: 1 }, test: { first: 0, end: 1 } },
  { train: { first: 0, end: 1 }, dev: { first: 1, end: 1 }, test: { first: 1, end: 2 } },
  { train: { first: 0, end: 1 }, dev: { first: 1, end: 2 }, test: { first: 2, end: 3 } },
  { train: { first: 0, end: 2 }, dev: { first: 2, end: 3 }, test: { first: 3, end: 4 } },
];

/**
 * The variations of a split of a task with `count` variations: with g = floor(count / 4), the first 2 g are for training, the next
 * g for development, and the rest, at most 2 g, for testing. Up to four variations have rules of their own.
 *
 * @param count - how many variations the task has, from 0
 * @throws InvalidInputError when the count is no whole number from 0
 */
export function variationRange(count: number, split: VariationSplit): VariationRange {
  if (!Number.isInteger(count) || count < 0) {
    throw new InvalidInputError(`a task cannot have ${count} variations`, {
      field: 'count',
      value: count,
      remedy: 'Give a whole number from 0.',
    });
  }
  const few = FEW[count];
  if (few !== undefined) return few[split];
  const group = Math.floor(count / 4);
  if (split === 'train') return { first: 0, end: 2 * group };
  if (split === 'dev') return { first: 2 * group, end: 3 * group };
  return { first: 3 * group, end: Math.min(count, 5 * group) };
}
