/** Turns tokens into text as they come. */
export interface StreamDecoder {
  /** The text that a token completes; empty while bytes of a character are missing. */
  readonly push: (token: number) => string;
  /** What is left at the end: bytes of a character that never came whole are U+FFFD. */
  readonly end: () => string;
}

/** What stands for bytes that are no character, or not yet one. */
const REPLACEMENT = '\uFFFD';

/**
 * A decoder that never emits part of a character: the pieces put together are what decoding all tokens at once gives. A token is decoded
 * beside those of the piece before it, since some tokenizers decode the first token of a text in another way than later ones.
 *
 * @param decode - decodes a run of tokens
 */
export function streamDecoder(decode: (tokens: readonly number[]) => string): StreamDecoder {
  /** Tokens of the last piece, then those that wait. */
  let tokens: number[] = [];
  let emitted = 0;
  const waiting = (): string => decode(tokens).slice(decode(tokens.slice(0, emitted)).length);
  return {
    push: (token) => {
      tokens.push(token);
      const text = waiting();
      if (text === '' || text.endsWith(REPLACEMENT)) return '';
      tokens = tokens.slice(emitted);
      emitted = tokens.length;
      return text;
    },
    end: () => {
      const text = waiting();
      emitted = tokens.length;
      return text;
    },
  };
}
