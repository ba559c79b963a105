import { InvalidInputError } from '@spark-rl/core';

/** Postings of one term, decoded; reused from term to term. */
export interface PostingsBuffer {
  /** Ascending. */
  places: Uint32Array;
  frequencies: Uint16Array;
}

/** A buffer for at most so many postings. */
export const postingsBuffer = (size: number): PostingsBuffer => ({
  places: new Uint32Array(size),
  frequencies: new Uint16Array(size),
});

/** The most bytes that a number takes. */
const LONGEST = 5;

function putNumber(into: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 127) {
    into[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  into[at++] = rest;
  return at;
}

/** The most bytes that so many postings take. */
export const mostBytes = (count: number): number => LONGEST * (2 * count + 1);

/**
 * Writes postings as bytes: their count, then for each the distance from the place before, doubled, and one more where the term
 * occurs there once; otherwise how often follows. Numbers take seven bits a byte, the lowest first.
 *
 * @param into - with {@link mostBytes} of room
 * @returns how many bytes were written
 */
export function encodePostings(
  { places, frequencies }: PostingsBuffer,
  count: number,
  into: Uint8Array,
): number {
  let at = putNumber(into, 0, count);
  let last = 0;
  for (let i = 0; i < count; i++) {
    const place = places[i]!;
    const frequency = frequencies[i]!;
    const distance = (place - last) << 1;
    last = place;
    if (frequency === 1) at = putNumber(into, at, distance | 1);
    else at = putNumber(into, putNumber(into, at, distance), frequency);
  }
  return at;
}

/**
 * Reads what {@link encodePostings} wrote.
 *
 * @param offset - where in the buffer they go
 * @returns how many there are
 * @throws InvalidInputError when there are more than the buffer has room for
 */
export function decodePostings(bytes: Uint8Array, into: PostingsBuffer, offset = 0): number {
  let at = 0;
  const next = (): number => {
    let byte = bytes[at++]!;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      value |= (byte & 127) << shift;
    }
    return value;
  };
  const count = next();
  const { places, frequencies } = into;
  if (count > places.length - offset)
    throw new InvalidInputError(`the search index is damaged: it has ${count} postings of a term`, {
      field: 'index',
      value: count,
      remedy: 'Build the index anew.',
    });
  let place = 0;
  for (let i = offset; i < offset + count; i++) {
    const step = next();
    place += step >>> 1;
    places[i] = place;
    frequencies[i] = (step & 1) === 1 ? 1 : next();
  }
  return count;
}
