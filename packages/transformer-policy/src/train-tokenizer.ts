import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { BYTE_ALPHABET, toByteAlphabet } from './byte-alphabet.js';
import { learnMerges } from './byte-pair-merges.js';
import { END_OF_SEQUENCE, type TokenizerJson } from './tokenizer-json.js';

const optionsSchema = z.strictObject({
  vocabularySize: z.int().positive(),
  specialTokens: z.array(z.string().min(1)).default([]),
  endOfSequence: z.string().min(1).default(END_OF_SEQUENCE),
});

/** Options of {@link trainTokenizer}. */
export interface TokenizerTrainingOptions {
  /** How many ids at most: special tokens, the 256 bytes, and merges. */
  readonly vocabularySize: number;
  /** Texts that are one token each wherever they stand, such as `<explore>`; the end of sequence need not be listed. */
  readonly specialTokens?: readonly string[];
  /** The text of the token that ends a response. Default `<|end|>`. */
  readonly endOfSequence?: string;
}

/**
 * How text falls into words before merging, like GPT-2's pattern but with digits by themselves: English contractions; letters with
 * the space before them; one digit with the space before it; runs of other marks with the space before them; white space.
 */
const WORD_PATTERN =
  "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const escapeForPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function countWords(texts: Iterable<string>, specials: readonly string[]): Map<string, number> {
  const words = new RegExp(WORD_PATTERN, 'gu');
  // Longer special tokens first: one may begin like another.
  const ordered = [...specials].sort((a, b) => b.length - a.length).map(escapeForPattern);
  const cut = new RegExp(ordered.join('|'), 'u');
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const piece of text.split(cut)) {
      for (const [word] of piece.matchAll(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}

/**
 * Trains a byte-level BPE tokenizer and returns it as a standard Hugging Face `tokenizer.json` object, which other tools read as well.
 * Every text can be encoded, and decodes to itself: all 256 bytes are tokens. The same texts give the same tokenizer. The vocabulary is
 * smaller than asked when the texts hold no more pairs that occur twice.
 *
 * @param texts - what the tokenizer should be good at, such as transcripts
 * @throws InvalidInputError when an option is wrong, or the vocabulary has no room for the bytes and the special tokens
 */
export function trainTokenizer(
  texts: Iterable<string>,
  options: TokenizerTrainingOptions,
): TokenizerJson {
  const { vocabularySize, specialTokens, endOfSequence } = parseInput(
    optionsSchema,
    options,
    'options of trainTokenizer',
  );
  const specials = [...new Set([endOfSequence, ...specialTokens])];
  const least = specials.length + BYTE_ALPHABET.length;
  if (vocabularySize < least) {
    throw new InvalidInputError(
      `options of trainTokenizer: vocabularySize is ${vocabularySize}, but ${specials.length} special tokens and 256 bytes need ${least}`,
      { field: 'vocabularySize', value: vocabularySize, remedy: `Give at least ${least}` },
    );
  }
  const base = [...specials, ...BYTE_ALPHABET];
  const known = new Set(base);
  const words = new Map<string, number>();
  for (const [word, count] of countWords(texts, specials)) words.set(toByteAlphabet(word), count);
  const merges = learnMerges(words, vocabularySize - least, (symbol) => known.has(symbol));
  const entries = [...base, ...merges.map(([left, right]) => left + right)];

  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      // Readers drop "special" tokens from decoded text; only the end of sequence is not part of it.
      special: content === endOfSequence,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORD_PATTERN }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(entries.map((entry, id) => [entry, id])),
      merges,
    },
  };
}
