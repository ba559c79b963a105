import type { CodePointRange } from './code-points.js';

/** Bytes from `low` to `high`, both included. */
export interface ByteRange {
  readonly low: number;
  readonly high: number;
}

/** The last code point that UTF-8 writes in 1, 2, 3 and 4 bytes. */
const LAST_OF_LENGTH = [0x7f, 0x7ff, 0xffff, 0x10ffff];
/** What the first byte of that many bytes begins with. */
const LEAD = [0x00, 0xc0, 0xe0, 0xf0];

const bytesOf = (code: number, length: number): number[] => {
  const bytes: number[] = [];
  let rest = code;
  for (let i = length - 1; i > 0; i--) {
    bytes.unshift(0x80 | (rest & 0x3f));
    rest >>= 6;
  }
  return [LEAD[length - 1]! | rest, ...bytes];
};

/**
 * A range of code points as sequences of byte ranges: a text of one character is in the range exactly when its UTF-8 bytes fit one of the
 * sequences, byte by byte. The range is cut where the length of the encoding changes, and where the last bytes do not run through all
 * their values (Cox 2010, "Regular expression matching in the wild"). No surrogates.
 */
export function utf8Ranges({ low, high }: CodePointRange): ByteRange[][] {
  const length = LAST_OF_LENGTH.findIndex((last) => low <= last) + 1;
  const last = LAST_OF_LENGTH[length - 1]!;
  if (high > last)
    return [...utf8Ranges({ low, high: last }), ...utf8Ranges({ low: last + 1, high })];
  for (let free = 1; free < length; free++) {
    // The code points that differ in the last `free` bytes only.
    const mask = (1 << (6 * free)) - 1;
    if ((low & ~mask) === (high & ~mask)) continue;
    if ((low & mask) !== 0) {
      const end = low | mask;
      return [...utf8Ranges({ low, high: end }), ...utf8Ranges({ low: end + 1, high })];
    }
    if ((high & mask) !== mask) {
      const start = high & ~mask;
      return [...utf8Ranges({ low, high: start - 1 }), ...utf8Ranges({ low: start, high })];
    }
  }
  const upper = bytesOf(high, length);
  return [bytesOf(low, length).map((byte, i) => ({ low: byte, high: upper[i]! }))];
}
