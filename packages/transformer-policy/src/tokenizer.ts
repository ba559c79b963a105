import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { InvalidInputError, parseInput, showValue, type Message } from '@spark-rl/core';

import { chatTemplate } from './chat-template.js';
import { renderMessages } from './render-messages.js';
import { streamDecoder, type StreamDecoder } from './stream-decoder.js';
import { tokenizerConfigSchema, type TokenizerConfig } from './tokenizer-config.js';
import { END_OF_SEQUENCE, tokenizerJsonSchema, type TokenizerJson } from './tokenizer-json.js';

/** What is used of the library, whose own declarations do not resolve in ECMAScript modules. */
interface LibraryTokenizer {
  readonly encode: (
    text: string,
    options: { readonly add_special_tokens: boolean },
  ) => { readonly ids: readonly (number | undefined)[] };
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
  config: { readonly clean_up_tokenization_spaces: false },
) => LibraryTokenizer;

/** Text to token ids and back. */
export interface Tokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** The id that ends a response, and that a rendered message ends with. */
  readonly endOfSequence: number;
  /** Every id that ends a response; `endOfSequence` is one of them. */
  readonly endTokens: ReadonlySet<number>;
  /** The id that the model was trained to see in front of every text, where there is one. */
  readonly beginOfSequence: number | undefined;
  /** Never adds tokens that are not in the text; special tokens in the text are recognised. */
  readonly encode: (text: string) => Int32Array;
  /** Undoes `encode`. Bytes that are not UTF-8 become U+FFFD; ids that the vocabulary does not have are left out. */
  readonly decode: (tokens: ArrayLike<number>) => string;
  /** Decodes tokens as they come, never a part of a character. */
  readonly streamDecoder: () => StreamDecoder;
  /** The text of a chat, up to where the model goes on. */
  readonly renderMessages: (messages: readonly Message[]) => string;
  /** Whether `renderMessages` writes all that the model expects, the begin of the sequence too, as chat templates do. */
  readonly hasChatTemplate: boolean;
  /** The id of a whole token, such as `<explore>`. */
  readonly tokenId: (token: string) => number | undefined;
  readonly json: TokenizerJson;
  readonly config: TokenizerConfig;
}

const CACHED_TEXTS = 20_000;
const LONGEST_CACHED_TEXT = 400;
const REMEDY = 'Give the parsed content of a Hugging Face tokenizer.json';

function openLibrary(json: TokenizerJson): LibraryTokenizer {
  try {
    return new LibraryTokenizer(json, { clean_up_tokenization_spaces: false });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidInputError(`tokenizer.json cannot be used: ${reason}`, {
      field: 'tokenizer.json',
      remedy: REMEDY,
      cause,
    });
  }
}

/** The token that `tokenizer.json` itself puts in front of a text, else the one that the config asks for. */
function beginToken(inner: LibraryTokenizer, config: TokenizerConfig): number | undefined {
  const bare = inner.encode('a', { add_special_tokens: false }).ids;
  const dressed = inner.encode('a', { add_special_tokens: true }).ids;
  if (dressed.length > bare.length && dressed[1] === bare[0]) return dressed[0];
  if (config.add_bos_token !== true || config.bos_token === undefined) return undefined;
  return inner.token_to_id(config.bos_token);
}

/** Refuses ids that the library would take and never find again. */
function checkIds({ model: { vocab } }: TokenizerJson): void {
  // Of Unigram it is a list, whose places are the ids.
  if (Array.isArray(vocab)) return;
  for (const [token, id] of Object.entries(vocab)) {
    if (Number.isSafeInteger(id) && (id as number) >= 0) continue;
    throw new InvalidInputError(
      `tokenizer.json: model.vocab: the id of ${showValue(token)} is ${showValue(id)}`,
      { field: 'model.vocab', value: id, remedy: REMEDY },
    );
  }
}

/**
 * Makes a tokenizer of a Hugging Face `tokenizer.json` (read by `@huggingface/tokenizers`). Encodings of short texts are remembered,
 * since a world says the same things again and again.
 *
 * @param json - the parsed file
 * @param options - `endOfSequence`: the text of the token that ends a response, default `<|end|>`; `config`: what stands in
 *   `tokenizer_config.json`, such as a chat template, instead
 * @throws InvalidInputError when the file is not a tokenizer, or has no such token
 */
export function loadTokenizer(
  json: unknown,
  options: { readonly endOfSequence?: string; readonly config?: TokenizerConfig } = {},
): Tokenizer {
  const checked = parseInput(tokenizerJsonSchema, json, 'tokenizer.json', REMEDY);
  const config = parseInput(
    tokenizerConfigSchema,
    options.config ?? {
      eos_token: options.endOfSequence ?? END_OF_SEQUENCE,
      clean_up_tokenization_spaces: false,
    },
    'tokenizer_config.json',
  );
  checkIds(checked);
  const inner = openLibrary(checked);
  const endText = config.eos_token;
  const endOfSequence = inner.token_to_id(endText);
  if (endOfSequence === undefined) {
    throw new InvalidInputError(`tokenizer.json has no token ${endText} to end a response`, {
      field: options.config === undefined ? 'endOfSequence' : 'eos_token',
      value: endText,
      remedy:
        options.config === undefined
          ? 'Name the token that ends a response in the option endOfSequence'
          : 'Set eos_token in tokenizer_config.json to a token of tokenizer.json',
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
    const { ids } = inner.encode(text, { add_special_tokens: false });
    const tokens = Int32Array.from(ids.filter((id) => id !== undefined));
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
  const { chat_template: template, bos_token, pad_token, unk_token } = config;
  const specials = { eos_token: endText, bos_token, pad_token, unk_token };
  return {
    vocabularySize,
    endOfSequence,
    endTokens: new Set([endOfSequence, ...(config.eos_token_ids ?? [])]),
    beginOfSequence: beginToken(inner, config),
    encode,
    decode,
    streamDecoder: () => streamDecoder(decode),
    renderMessages:
      template === undefined
        ? (messages) => renderMessages(messages, endText)
        : chatTemplate(template, {
            ...Object.fromEntries(
              Object.entries(specials).filter((entry): entry is [string, string] => !!entry[1]),
            ),
            ...config.chat_template_variables,
          }),
    hasChatTemplate: template !== undefined,
    tokenId: (token) => inner.token_to_id(token),
    json: json as TokenizerJson,
    config,
  };
}
