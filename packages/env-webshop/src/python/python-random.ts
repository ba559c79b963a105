import { InvalidInputError } from '@spark-rl/core';

import { bisectRight } from './bisect.js';
import { twisterFromArray } from './mersenne-twister.js';

/**
 * Python's `random.Random`: the same numbers from the same seed, call for call. Drawing changes it, so one is made where it is
 * used. (CPython 3.8 to 3.12, Lib/random.py and Modules/_randommodule.c.)
 */
export interface PythonRandom {
  /** `random()`: a number in [0, 1) with 53 random bits. */
  readonly random: () => number;
  /** `getrandbits(bits)` for 1 to 32 bits. */
  readonly bits: (bits: number) => number;
  /** `_randbelow(bound)`: an integer in [0, bound); `bound` is an integer in [1, 2^32). */
  readonly below: (bound: number) => number;
  /** `uniform(low, high)`. */
  readonly uniform: (low: number, high: number) => number;
  /** `shuffle(items)`: in place. */
  readonly shuffle: (items: { [index: number]: unknown; readonly length: number }) => void;
  /** `sample(items, count)`: a new list, without replacement. */
  readonly sample: <Item>(items: readonly Item[], count: number) => Item[];
  /** `choices(items, weights, k=count)`: with replacement; all equally likely without weights. */
  readonly choices: <Item>(
    items: readonly Item[],
    count: number,
    weights?: readonly number[],
  ) => Item[];
}

/** The 32-bit digits of an integer, the lowest first. */
function digitsOf(seed: number): number[] {
  const digits: number[] = [];
  for (let rest = Math.abs(seed); rest > 0; rest = Math.floor(rest / 0x1_0000_0000))
    digits.push(rest % 0x1_0000_0000);
  return digits.length === 0 ? [0] : digits;
}

const bitLength = (value: number): number => (value === 0 ? 0 : 32 - Math.clz32(value));

/** How many items make Python keep a set of drawn places instead of a copy of the pool. */
function poolLimit(count: number): number {
  return count > 5 ? 21 + 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 21;
}

/**
 * What `random.Random(seed)` makes of an integer.
 *
 * @throws InvalidInputError when the seed is not a safe integer
 */
export function pythonRandom(seed: number): PythonRandom {
  if (!Number.isSafeInteger(seed)) {
    throw new InvalidInputError(`seed of pythonRandom is ${seed}`, {
      field: 'seed',
      value: seed,
      remedy: 'Give an integer.',
    });
  }
  const { word } = twisterFromArray(digitsOf(seed));
  const random = (): number => {
    const high = word() >>> 5;
    const low = word() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  };
  const bits = (count: number): number => word() >>> (32 - count);
  const below = (bound: number): number => {
    const width = bitLength(bound);
    let drawn = bits(width);
    while (drawn >= bound) drawn = bits(width);
    return drawn;
  };
  const sample = <Item>(items: readonly Item[], count: number): Item[] => {
    if (count > items.length) throw new RangeError('a sample cannot be larger than its population');
    const drawn: Item[] = [];
    if (items.length <= poolLimit(count)) {
      const pool = [...items];
      for (let i = 0; i < count; i++) {
        const j = below(items.length - i);
        drawn.push(pool[j] as Item);
        pool[j] = pool[items.length - i - 1] as Item;
      }
      return drawn;
    }
    const taken = new Set<number>();
    while (drawn.length < count) {
      const j = below(items.length);
      if (taken.has(j)) continue;
      taken.add(j);
      drawn.push(items[j] as Item);
    }
    return drawn;
  };

  return {
    random,
    bits,
    below,
    uniform: (low, high) => low + (high - low) * random(),
    shuffle: (items) => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [items[i], items[j]] = [items[j], items[i]];
      }
    },
    sample,
    choices: (items, count, weights) => {
      if (weights === undefined)
        return Array.from({ length: count }, () => items[Math.floor(random() * items.length)]!);
      let total = 0;
      const cumulative = weights.map((weight) => (total += weight));
      return Array.from({ length: count }, () => {
        const place = bisectRight(cumulative, random() * total, cumulative.length - 1);
        return items[place]!;
      });
    },
  };
}
