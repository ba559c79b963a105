import { InvalidInputError } from '@spark-rl/core';
import { z } from 'zod';

import { BYTE_ALPHABET } from '../byte-alphabet.js';
import type { TokenizerJson } from '../tokenizer-json.js';

/** What a byte-level `tokenizer.json` has: GPT-2's, Qwen's and Llama 3's kind. */
const byteLevelSchema = z.looseObject({
  decoder: z.looseObject({
    type: z.string(),
    decoders: z.array(z.looseObject({ type: z.string() })).optional(),
  }),
  model: z.looseObject({ vocab: z.record(z.string(), z.int().nonnegative()) }),
});

/** The bytes of the tokens that have any, in lexicographic order. */
export interface TokenBytes {
  /** Token ids in the order of their bytes. */
  readonly ids: Int32Array;
  /** The bytes of all of them, one token after the other. */
  readonly bytes: Uint8Array;
  /** Where the bytes of each token begin; one more entry than there are tokens. */
  readonly starts: Int32Array;
  /** How many bytes each token shares with the one before it from the first on. */
  readonly shared: Int32Array;
  /** Where each id stands in `ids`; -1 for ids without bytes. By id. */
  readonly places: Int32Array;
}

const compare = (a: Uint8Array, b: Uint8Array): number => {
  const most = Math.min(a.length, b.length);
  for (let i = 0; i < most; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
};

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

/**
 * The bytes that each token stands for. Special tokens (the end of sequence, chat markers) stand for none; other added tokens for their text.
 *
 * @throws InvalidInputError when the tokenizer is not byte-level: its tokens have no bytes of their own then
 */
export function tokenBytes(json: TokenizerJson): TokenBytes {
  const parsed = byteLevelSchema.safeParse(json);
  const decoders = parsed.success
    ? [parsed.data.decoder, ...(parsed.data.decoder.decoders ?? [])]
    : [];
  if (!parsed.success || !decoders.some(({ type }) => type === 'ByteLevel')) {
    throw new InvalidInputError(
      'tokenizer.json: responses can be held to a language only with a byte-level tokenizer',
      {
        field: 'tokenizer.json: decoder.type',
        value: parsed.success ? parsed.data.decoder.type : parsed.error.issues[0]?.message,
        remedy: 'Use a model whose tokenizer has a ByteLevel decoder, or leave the constraint away',
      },
    );
  }
  const byteOf = new Map(BYTE_ALPHABET.map((character, byte) => [character, byte]));
  const encoder = new TextEncoder();
  const known = new Map<number, Uint8Array | null>();
  for (const [piece, id] of Object.entries(parsed.data.model.vocab)) {
    const bytes = Array.from(piece, (character) => byteOf.get(character) ?? -1);
    known.set(
      id,
      bytes.length > 0 && bytes.every((byte) => byte >= 0) ? Uint8Array.from(bytes) : null,
    );
  }
  for (const { id, content, special } of json.added_tokens)
    known.set(id, special ? null : encoder.encode(content));

  const entries = [...known]
    .filter((entry): entry is [number, Uint8Array] => entry[1] !== null)
    .sort(([, a], [, b]) => compare(a, b));
  const all = entries.map(([, bytes]) => bytes);
  const starts = new Int32Array(all.length + 1);
  all.forEach((own, i) => (starts[i + 1] = starts[i]! + own.length));
  const bytes = new Uint8Array(starts[all.length]!);
  all.forEach((own, i) => bytes.set(own, starts[i]));
  const ids = Int32Array.from(entries, ([id]) => id);
  const places = new Int32Array(
    [...known.keys()].reduce((most, id) => Math.max(most, id), 0) + 1,
  ).fill(-1);
  ids.forEach((id, place) => (places[id] = place));
  return {
    ids,
    bytes,
    starts,
    shared: Int32Array.from(all, (own, i) => (i === 0 ? 0 : commonLength(all[i - 1]!, own))),
    places,
  };
}
