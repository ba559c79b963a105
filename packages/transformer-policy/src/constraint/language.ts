import { z } from 'zod';

/**
 * A regular language of texts, as data:
 * - a string: that text;
 * - `oneOf`: a text of one of them; `sequence`: a text of each, one after the other;
 * - `repeat`: `min` (0) to `max` (any number of) texts of it, one after the other;
 * - `characters`: one character of a class in the notation of JavaScript, such as `[^<>]` or `\p{L}`;
 * - `freeText`: any text that holds none of the strings of `without`; with `nonBlank` not only white space; of `characters` only.
 */
export type Language =
  | string
  | { readonly oneOf: readonly Language[] }
  | { readonly sequence: readonly Language[] }
  | {
      readonly repeat: Language;
      readonly min?: number | undefined;
      readonly max?: number | undefined;
    }
  | { readonly characters: string }
  | { readonly freeText: FreeText };

/** Text that is free but for what it may not hold. */
export interface FreeText {
  readonly without?: readonly string[] | undefined;
  readonly nonBlank?: boolean | undefined;
  readonly characters?: string | undefined;
}

const wellFormed = z
  .string()
  .refine((text) => !/\p{Surrogate}/u.test(text), 'expected text without lone surrogates');

/** The schema of {@link Language}. */
export const languageSchema: z.ZodType<Language> = z.lazy(() =>
  z.union([
    wellFormed,
    z.strictObject({ oneOf: z.array(languageSchema).min(1) }),
    z.strictObject({ sequence: z.array(languageSchema) }),
    z
      .strictObject({
        repeat: languageSchema,
        min: z.int().min(0).optional(),
        max: z.int().min(1).optional(),
      })
      .refine(({ min = 0, max = Infinity }) => min <= max, 'expected min to be at most max'),
    z.strictObject({ characters: z.string().min(1) }),
    z.strictObject({
      freeText: z.strictObject({
        without: z.array(wellFormed.min(1)).optional(),
        nonBlank: z.boolean().optional(),
        characters: z.string().min(1).optional(),
      }),
    }),
  ]),
);
