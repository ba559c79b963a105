import { Buffer } from 'node:buffer';

/** Many texts in little memory: two arrays of bytes, without an object for each. */
export interface TextList {
  readonly length: number;
  /** The text at a place, from 0. */
  readonly at: (place: number) => string;
}

/** Collects texts for a {@link TextList}. */
export interface TextColumns {
  /** The texts in UTF-8, one behind the other. */
  readonly bytes: Uint8Array;
  /** Where each begins, and where the last ends. */
  readonly starts: Uint32Array;
}

/** The texts as two columns. */
export function encodeTexts(texts: readonly string[]): TextColumns {
  const starts = new Uint32Array(texts.length + 1);
  for (const [place, text] of texts.entries())
    starts[place + 1] = starts[place]! + Buffer.byteLength(text);
  const bytes = Buffer.alloc(starts[texts.length]!);
  for (const [place, text] of texts.entries()) bytes.write(text, starts[place]!);
  return { bytes, starts };
}

/** The list of texts that lie in two columns. */
export function textList({ bytes, starts }: TextColumns): TextList {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    length: Math.max(0, starts.length - 1),
    at: (place) => buffer.toString('utf8', starts[place], starts[place + 1]),
  };
}

/**
 * Finds a text among sorted ones.
 *
 * @param at - the text of a rank; ranks ascend by UTF-16 units, as `<` compares
 * @returns its rank, or -1
 */
export function rankOf(text: string, count: number, at: (rank: number) => string): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(middle) < text) low = middle + 1;
    else high = middle;
  }
  return low < count && at(low) === text ? low : -1;
}
