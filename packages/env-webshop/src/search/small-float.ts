/** Lengths below this are kept exactly. */
const EXACT = 24;

/** Four significant bits: the first of them is implied from 8 on. */
function encodeLarge(value: number): number {
  if (value < 8) return value;
  const shift = 28 - Math.clz32(value);
  return ((shift + 1) << 3) | ((value >>> shift) & 7);
}

function decodeLarge(code: number): number {
  const shift = (code >>> 3) - 1;
  return shift < 0 ? code & 7 : ((code & 7) | 8) * 2 ** shift;
}

/**
 * A length as one byte, as Lucene's `SmallFloat.intToByte4`: exact below 40, then rounded down to four significant bits.
 *
 * @param length - an integer in [0, 2^31)
 */
export const lengthToByte = (length: number): number =>
  length < EXACT ? length : EXACT + encodeLarge(length - EXACT);

/** The length that a byte of `lengthToByte` stands for. */
export const byteToLength = (byte: number): number =>
  byte < EXACT ? byte : EXACT + decodeLarge(byte - EXACT);
