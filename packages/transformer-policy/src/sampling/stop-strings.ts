import type { Tokenizer } from '../tokenizer.js';

/** Where a text holds a stop string. */
export interface StopMatch {
  readonly start: number;
  readonly end: number;
}

/**
 * The stop string that a text reaches first when it is read from the left: the one that ends first, and of those the longest.
 *
 * @returns null when it holds none
 */
export function firstStop(text: string, stops: readonly string[]): StopMatch | null {
  let best: StopMatch | null = null;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    if (start < 0) continue;
    const end = start + stop.length;
    if (best === null || end < best.end || (end === best.end && start < best.start))
      best = { start, end };
  }
  return best;
}

/** Watches a response for stop strings while it grows. */
export interface StopWatch {
  /** Looks at the response after one more token. */
  readonly push: (token: number) => boolean;
}

/**
 * Watches for strings that may begin and end inside tokens. Only the last tokens are decoded each time: every token of the vocabulary
 * holds at least one byte, so a stop string is never longer in tokens than in bytes.
 */
export function stopWatch(tokenizer: Tokenizer, stops: readonly string[]): StopWatch {
  const encoder = new TextEncoder();
  const longest = Math.max(...stops.map((stop) => encoder.encode(stop).length));
  const tail: number[] = [];
  return {
    push: (token) => {
      // A model may have more tokens than its tokenizer; they have no text.
      if (token >= tokenizer.vocabularySize) return false;
      tail.push(token);
      // The first one may be the rest of a character or lose its space: it stands only for what comes before.
      if (tail.length > longest + 1) tail.shift();
      const text = tokenizer.decode(tail);
      return stops.some((stop) => text.includes(stop));
    },
  };
}
