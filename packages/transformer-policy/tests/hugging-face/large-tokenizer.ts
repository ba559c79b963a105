import { BYTE_ALPHABET } from '../../src/byte-alphabet.js';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const SPACE = BYTE_ALPHABET[0x20]!;

/** Merges as a trained vocabulary has them: each makes a new symbol of two that are there already. */
function merges(count: number): [string, string][] {
  const pairs = LETTERS.flatMap((a) => LETTERS.map((b) => [a, b] as [string, string]));
  const opened = LETTERS.map((a) => [SPACE, a] as [string, string]);
  const openedPairs = pairs.map(([a, b]) => [SPACE + a, b] as [string, string]);
  const quads: [string, string][] = [];
  for (const [a, b] of pairs) for (const [c, d] of pairs) quads.push([a + b, c + d]);
  const triples = pairs.flatMap(([a, b]) => LETTERS.map((c) => [a + b, c] as [string, string]));
  return [...pairs, ...opened, ...openedPairs, ...triples, ...quads].slice(0, count);
}

/** The published byte-level form with over 100,000 entries: a pattern with inline flags and look-ahead, specials at the end, a begin. */
export function largeTokenizerJson(entries = 100_000): Record<string, unknown> {
  const list = merges(entries - 256);
  const tokens = [...BYTE_ALPHABET, ...list.map(([a, b]) => a + b)];
  const added = ['<|begin|>', '<|end|>', '<|turn|>', '<think>'];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map((content, i) => ({
      id: tokens.length + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: content !== '<think>',
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: {
            Regex:
              "(?i:'s|'ll)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          },
          behavior: 'Isolated',
          invert: false,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: {
      type: 'Sequence',
      processors: [
        { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true },
        {
          type: 'TemplateProcessing',
          single: [
            { SpecialToken: { id: '<|begin|>', type_id: 0 } },
            { Sequence: { id: 'A', type_id: 0 } },
          ],
          pair: [],
          special_tokens: {
            '<|begin|>': { id: '<|begin|>', ids: [tokens.length], tokens: ['<|begin|>'] },
          },
        },
      ],
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: list.map(([a, b]) => `${a} ${b}`),
    },
  };
}

/** Byte-pair encoding of one word in the byte alphabet, the slow way: the lowest-ranked pair, the first of equals, until none is left. */
export function plainMerge(word: string, ranks: ReadonlyMap<string, number>): string[] {
  const symbols = [...word];
  for (;;) {
    let best = -1;
    let least = Infinity;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const rank = ranks.get(`${symbols[i]} ${symbols[i + 1]}`) ?? Infinity;
      if (rank < least) [best, least] = [i, rank];
    }
    if (best < 0) return symbols;
    symbols.splice(best, 2, symbols[best]! + symbols[best + 1]!);
  }
}
