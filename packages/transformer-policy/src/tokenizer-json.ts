import { z } from 'zod';

/** The text that ends a response. */
export const END_OF_SEQUENCE = '<|end|>';

const addedTokenSchema = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string().min(1),
  special: z.boolean(),
});

/** The part of a Hugging Face `tokenizer.json` that is relied on; everything else is kept as it is. */
export const tokenizerJsonSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema),
  model: z.looseObject({
    type: z.enum(['BPE', 'Unigram', 'WordLevel', 'WordPiece']),
    // Ids by token; of Unigram, pairs of a token and its score.
    vocab: z.custom<object>(
      (value) => typeof value === 'object' && value !== null,
      'expected a vocabulary',
    ),
  }),
});

/** A Hugging Face `tokenizer.json`, parsed. */
export type TokenizerJson = z.infer<typeof tokenizerJsonSchema>;
