import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { InvalidInputError, parseInput } from '@spark-rl/core';

import { END_OF_SEQUENCE, tokenizerJsonSchema, type TokenizerJson } from './tokenizer-json.js';

/** What is used of the library, whose own declarations do not resolve in ECMAScript modules. */
interface LibraryTokenizer {
  readonly encode: (
    text: string,
    options: { readonly add_special_tokens: boolean },
  ) => { readonly ids: readonly number[] };
  readonly decode: (
    ids: readonly number[],
    options: {
      readonly skip_special_tokens: boolean;
      readonly clean_up_tokenization_spaces: boolean;
    },
  ) => string;
  readonly token_to_id: (token: string) => number | undefined;
  readonly id_to_token: (id: number) => string | undefined;
  readonly get_vocab: (withAddedTokens: boolean) => ReadonlyMap<string, number>;
}
const LibraryTokenizer = HuggingFaceTokenizer as unknown as new (
  json: TokenizerJson,
  config: TokenizerConfig,
) => LibraryTokenizer;

/** Text to token ids and back. */
export interface Tokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** The id that ends a response. */
  readonly endOfSequence: number;
  /** Never adds tokens that are not in the text; special tokens in the text are recognised. */
  readonly encode: (text: string) => Int32Array;
  /** Undoes `encode`. Bytes that are not UTF-8 become U+FFFD; ids that the vocabulary does not have are left out. */
  readonly decode: (tokens: ArrayLike<number>) => string;
  /** The id of a whole token, such as `<explore>`. */
  readonly tokenId: (token: string) => number | undefined;
  readonly json: TokenizerJson;
  readonly config: TokenizerConfig;
}

/** What stands in `tokenizer_config.json` beside a `tokenizer.json`. */
export interface TokenizerConfig {
  readonly eos_token: string;
}

const CACHED_TEXTS = 20_000;
const LONGEST_CACHED_TEXT = 400;

/**
 * Makes a tokenizer of a Hugging Face `tokenizer.json` (read by `@huggingface/tokenizers`). Encodings of short texts are remembered,
 * since a world says the same things again and again.
 *
 * @param json - the parsed file
 * @param options - `endOfSequence`: the text of the token that ends a response, default `<|end|>`
 * @throws InvalidInputError when the file is not a tokenizer, or has no such token
 */
export function loadTokenizer(
  json: unknown,
  options: { readonly endOfSequence?: string } = {},
): Tokenizer {
  const remedy = 'Give the parsed content of a Hugging Face tokenizer.json';
  const checked = parseInput(tokenizerJsonSchema, json, 'tokenizer.json', remedy);
  const endText = options.endOfSequence ?? END_OF_SEQUENCE;
  const config = { eos_token: endText, clean_up_tokenization_spaces: false };
  let inner: LibraryTokenizer;
  try {
    inner = new LibraryTokenizer(checked, config);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidInputError(`tokenizer.json cannot be used: ${reason}`, { remedy, cause });
  }
  const endOfSequence = inner.token_to_id(endText);
  if (endOfSequence === undefined) {
    throw new InvalidInputError(`tokenizer.json has no token ${endText} to end a response`, {
      field: 'endOfSequence',
      value: endText,
      remedy: 'Name the token that ends a response in the option endOfSequence',
    });
  }
  let vocabularySize = 0;
  for (const id of inner.get_vocab(true).values())
    vocabularySize = Math.max(vocabularySize, id + 1);

  const cache = new Map<string, Int32Array>();
  const encode = (text: string): Int32Array => {
    const cached = cache.get(text);
    // A copy: what a caller does to its array must not change the next encoding.
    if (cached !== undefined) return cached.slice();
    if (text === '') return new Int32Array(0);
    const tokens = Int32Array.from(inner.encode(text, { add_special_tokens: false }).ids);
    if (text.length <= LONGEST_CACHED_TEXT) {
      if (cache.size >= CACHED_TEXTS) cache.clear();
      cache.set(text, tokens.slice());
    }
    return tokens;
  };
  const decode = (tokens: ArrayLike<number>): string => {
    const known = Array.from(tokens).filter((id) => inner.id_to_token(id) !== undefined);
    if (known.length === 0) return '';
    return inner.decode(known, {
      skip_special_tokens: false,
      clean_up_tokenization_spaces: false,
    });
  };
  return {
    vocabularySize,
    endOfSequence,
    encode,
    decode,
    tokenId: (token) => inner.token_to_id(token),
    json: json as TokenizerJson,
    config,
  };
}
