import type { SampledToken } from '@spark-rl/core';

import type { ServedTokenizer } from './served-model.js';

/** The text of a response while it grows. */
export interface GrowingText {
  /** The text that may be shown after one more token: perhaps none yet. */
  readonly push: (token: SampledToken) => string;
  /** What is left of the whole text when the response is complete. */
  readonly rest: (text: string) => string;
}

/** How many characters at the end of `text` may turn out to begin one of `stops`. */
function mayBeginStop(text: string, stops: readonly string[]): number {
  let most = 0;
  for (const stop of stops) {
    const longest = Math.min(stop.length - 1, text.length);
    for (let length = longest; length > most; length--) {
      if (!stop.startsWith(text.slice(text.length - length))) continue;
      most = length;
      break;
    }
  }
  return most;
}

/**
 * Follows a response token by token. Nothing is shown that could have to be taken back: no part of a character, no end-of-sequence token,
 * and no text that a stop string may begin with.
 */
export function growingText(
  tokenizer: Pick<ServedTokenizer, 'streamDecoder' | 'endTokens'>,
  stops: readonly string[],
): GrowingText {
  const decoder = tokenizer.streamDecoder();
  let seen = '';
  let shown = 0;
  let stopped = false;
  return {
    push: ({ token }) => {
      if (stopped || tokenizer.endTokens.has(token)) return '';
      seen += decoder.push(token);
      // The end of the response says what is shown of a text that holds a stop string.
      stopped = stops.some((stop) => seen.includes(stop, Math.max(0, shown - stop.length)));
      if (stopped) return '';
      const from = shown;
      shown = Math.max(from, seen.length - mayBeginStop(seen, stops));
      return seen.slice(from, shown);
    },
    rest: (text) => text.slice(shown),
  };
}
