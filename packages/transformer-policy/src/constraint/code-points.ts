import { InvalidInputError } from '@spark-rl/core';

/** Code points from `low` to `high`, both included. */
export interface CodePointRange {
  readonly low: number;
  readonly high: number;
}

/** Ranges in ascending order that neither meet nor touch surrogates. */
export type CodePoints = readonly CodePointRange[];

const LAST = 0x10ffff;
const SURROGATES = { low: 0xd800, high: 0xdfff };

/** Every character that UTF-8 can say. */
export const ANY: CodePoints = [
  { low: 0, high: SURROGATES.low - 1 },
  { low: SURROGATES.high + 1, high: LAST },
];

const known = new Map<string, CodePoints>();

/**
 * The characters that a class of JavaScript's regular expressions matches, such as `[^<>]`, `\p{L}` or `.`; the flag `u` is on. All of
 * Unicode is tried once for each class.
 *
 * @throws InvalidInputError when it is no class of single characters
 */
export function codePointsOf(source: string): CodePoints {
  const remembered = known.get(source);
  if (remembered !== undefined) return remembered;
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${source})$`, 'u');
  } catch (cause) {
    throw new InvalidInputError(`"${source}" is not a class of characters`, {
      field: 'characters',
      value: source,
      remedy:
        'Give one such as [^<>], \\p{L} or a dot, in the notation of JavaScript with the flag u',
      cause,
    });
  }
  const ranges: CodePointRange[] = [];
  for (const { low, high } of ANY) {
    let from = -1;
    for (let at = low; at <= high + 1; at++) {
      const matches = at <= high && pattern.test(String.fromCodePoint(at));
      if (matches && from < 0) from = at;
      if (!matches && from >= 0) {
        ranges.push({ low: from, high: at - 1 });
        from = -1;
      }
    }
  }
  known.set(source, ranges);
  return ranges;
}

/** The code points of `a` that `b` has too. */
export function intersection(a: CodePoints, b: CodePoints): CodePoints {
  const both: CodePointRange[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const low = Math.max(a[i]!.low, b[j]!.low);
    const high = Math.min(a[i]!.high, b[j]!.high);
    if (low <= high) both.push({ low, high });
    if (a[i]!.high < b[j]!.high) i++;
    else j++;
  }
  return both;
}

/** Every character that is not among these. */
export function complement(points: CodePoints): CodePoints {
  const gaps: CodePointRange[] = [];
  let next = 0;
  for (const { low, high } of [...points, { low: LAST + 1, high: LAST + 1 }]) {
    if (next < low) gaps.push({ low: next, high: low - 1 });
    next = high + 1;
  }
  return intersection(gaps, ANY);
}

/** Whether a code point is among these. */
export const contains = (points: CodePoints, code: number): boolean =>
  points.some(({ low, high }) => low <= code && code <= high);
