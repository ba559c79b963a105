import { z } from 'zod';

const tagName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'give a tag name: a letter, then letters, digits, _ or -');

/** The schema of {@link ResponseGrammarOptions}. */
export const responseGrammarSchema = z
  .strictObject({
    modes: z
      .record(z.string().min(1), tagName)
      .refine((modes) => Object.keys(modes).length > 0, 'give at least one reasoning mode')
      .default({ explore: 'explore', think: 'think' }),
    actionTag: tagName.default('action'),
    separator: z.string().regex(/^\s*$/, 'give white space only').default('\n'),
    oneAction: z.boolean().default(true),
    oneReasoning: z.boolean().default(true),
    nonEmptyReasoning: z.boolean().default(true),
    reasoningFirst: z.boolean().default(true),
    rejectCjk: z.boolean().default(true),
    strayTags: z.enum(['refuse', 'ignore']).default('refuse'),
  })
  .refine((options) => {
    const tags = [...Object.values(options.modes), options.actionTag];
    return new Set(tags).size === tags.length;
  }, 'every mode and the action need a tag of their own');

/**
 * What the blocks of a response are called, and what makes a response invalid. Each rule can be lifted by itself:
 *
 * - `oneAction`: exactly one action block. Lifted: at least one, and the last one counts.
 * - `oneReasoning`: exactly one reasoning block, in one mode. Lifted: any number, none too; the first one counts.
 * - `nonEmptyReasoning`: the reasoning that counts says something.
 * - `reasoningFirst`: the reasoning stands before the action. Lifted: in either order, but not one inside the other.
 * - `rejectCjk`: no Chinese, Japanese or Korean characters anywhere.
 * - `strayTags`: whether opening and closing tags that make no block count as blocks (`refuse`), since they leave open what was
 *   meant, or are text like any other (`ignore`).
 *
 * An empty action is never valid: it is what the environment receives for an invalid response.
 */
export type ResponseGrammarOptions = z.input<typeof responseGrammarSchema>;

/** The options with every default filled in. */
export type ResponseGrammarSettings = z.output<typeof responseGrammarSchema>;
