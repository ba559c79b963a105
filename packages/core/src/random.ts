import { sha256 } from '@noble/hashes/sha2';
import { utf8ToBytes } from '@noble/hashes/utils';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/**
 * Names a stream of random numbers by a path of names and numbers, such as `[seed, 'step', 3, 'task', id, 'node', '0.1']`.
 * The same key gives the same stream anywhere; different keys give unrelated streams. Nothing depends on who asked first.
 */
export type RandomKey = readonly (string | number)[];

/** A stream of random numbers. Drawing changes the source, so a source is made where it is used and never shared. */
export interface RandomSource {
  /** A number in [0, 1) with 53 random bits. */
  readonly uniform: () => number;
  /** An integer in [0, bound); unbiased. `bound` is an integer in [1, 2^32]. */
  readonly integer: (bound: number) => number;
  /** A standard normal deviate (Box-Muller). */
  readonly normal: () => number;
  /** One of `items`, each equally likely. Throws a RangeError when there are none. */
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** A new array with the items in random order (Fisher-Yates). */
  readonly shuffle: <Item>(items: readonly Item[]) => Item[];
}

/** Encodes a key without ambiguity: every part carries its type and length, so `['ab']`, `['a', 'b']` and `[1]`, `['1']` all differ. */
export function encodeKey(key: RandomKey): string {
  return key
    .map((part) => {
      const text = Object.is(part, -0) ? '-0' : String(part);
      return `${typeof part === 'number' ? 'n' : 's'}${text.length}:${text}`;
    })
    .join('');
}

const TWO_TO_32 = 0x1_0000_0000;

/** Opens the stream named by `key`: xoroshiro128+ started from the SHA-256 of the encoded key. */
export function randomSource(key: RandomKey): RandomSource {
  const digest = sha256(utf8ToBytes(encodeKey(key)));
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const state: number[] = [0, 4, 8, 12].map((offset) => view.getInt32(offset, true));
  // The all-zero state is the one fixed point of the generator.
  if (!state.some((word) => word !== 0)) state[0] = 1;
  const generator = xoroshiro128plusFromState(state);
  const word = (): number => generator.next() >>> 0;

  const uniform = (): number => {
    const high = word() >>> 5;
    const low = word() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  };
  const integer = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > TWO_TO_32) {
      throw new RangeError(`bound is ${bound}; give an integer in [1, 2^32]`);
    }
    // Reject the last, incomplete run of `bound` numbers: the modulo alone would favour small results.
    const limit = TWO_TO_32 - (TWO_TO_32 % bound);
    let drawn = word();
    while (drawn >= limit) drawn = word();
    return drawn % bound;
  };
  return {
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    pick: <Item>(items: readonly Item[]): Item => {
      if (items.length === 0)
        throw new RangeError('items is empty; give at least one item to pick from');
      return items[integer(items.length)] as Item;
    },
    shuffle: <Item>(items: readonly Item[]): Item[] => {
      const shuffled = [...items];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j] as Item, shuffled[i] as Item];
      }
      return shuffled;
    },
  };
}
