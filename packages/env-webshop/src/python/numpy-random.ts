import { twisterFromNumber } from './mersenne-twister.js';

/** The part of NumPy's legacy `RandomState` that picks tasks. */
export interface NumpyRandom {
  /** `choice(items, count, replace=False)`: the first `count` of a permutation. */
  readonly choice: <Item>(items: readonly Item[], count: number) => Item[];
}

/** An integer in [0, most], by masking and rejecting, as `random_interval` of NumPy's legacy generator. */
function interval(word: () => number, most: number): number {
  if (most === 0) return 0;
  const mask = 0xffff_ffff >>> Math.clz32(most);
  let drawn = (word() & mask) >>> 0;
  while (drawn > most) drawn = (word() & mask) >>> 0;
  return drawn;
}

/** NumPy's `RandomState(seed)`; `seed` is an integer in [0, 2^32). Drawing changes it. */
export function numpyRandom(seed: number): NumpyRandom {
  const { word } = twisterFromNumber(seed);
  return {
    choice: (items, count) => {
      if (count > items.length) throw new RangeError('cannot take a larger sample than population');
      const permuted = [...items];
      for (let i = permuted.length - 1; i > 0; i--) {
        const j = interval(word, i);
        [permuted[i], permuted[j]] = [permuted[j]!, permuted[i]!];
      }
      return permuted.slice(0, count);
    },
  };
}
