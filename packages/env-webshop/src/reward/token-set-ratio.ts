import { compareCodePoints, strip, words } from '../python/python-text.js';
import { matchingCharacters } from './sequence-matcher.js';

/** Rounds to the nearest integer, a half to the even one, as Python's `round`. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `fuzz.ratio`: 100 times twice the matching characters over the characters of both. */
function ratio(a: string, b: string): number {
  if (a === b) return 100;
  if (a === '' || b === '') return 0;
  const [left, right] = [[...a], [...b]];
  const length = left.length + right.length;
  // The order of operations is Python's: the quotient first, then times 100.
  return roundHalfEven(100 * ((2 * matchingCharacters(left, right)) / length));
}

/** Lower-cased words only: Latin-1 beyond ASCII is dropped, what is neither letter, number nor underscore becomes a space. */
const plain = (text: string): string =>
  strip(
    text
      .replace(/[\u0080-\u00ff]/g, '')
      .replace(/[^\p{L}\p{N}_]/gu, ' ')
      .toLowerCase(),
  );

const join = (tokens: readonly string[]): string => [...tokens].sort(compareCodePoints).join(' ');

/**
 * How similar two texts are as sets of words, 0 to 100: `token_set_ratio` of thefuzz 0.19.0 on top of `difflib`, the one
 * that WebShop pins. Order and repetition do not count, and a set of words compared with a larger one around it gives 100.
 * Not symmetric to the last point, because `difflib` is not.
 */
export function tokenSetRatio(a: string, b: string): number {
  const [left, right] = [new Set(words(plain(a))), new Set(words(plain(b)))];
  if (left.size === 0 || right.size === 0) return 0;
  const shared = join([...left].filter((token) => right.has(token)));
  const both = (only: string): string => strip(`${shared} ${only}`);
  const leftText = both(join([...left].filter((token) => !right.has(token))));
  const rightText = both(join([...right].filter((token) => !left.has(token))));
  return Math.max(ratio(shared, leftText), ratio(shared, rightText), ratio(leftText, rightText));
}
