import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { Language } from './language.js';

const optionsSchema = z.strictObject({
  modes: z.array(z.string().min(1)).min(1).default(['explore', 'think']),
  actionTag: z.string().min(1).default('action'),
  separator: z.string().default('\n'),
  actions: z
    .array(z.string().regex(/\S/, 'expected an action that is not blank'))
    .min(1)
    .optional(),
  characters: z.string().min(1).optional(),
});

/** What the responses of {@link responseLanguage} are made of. */
export interface ResponseLanguageOptions {
  /** The tags that reasoning may stand in. Default `explore` and `think`. */
  readonly modes?: readonly string[];
  /** Default `action`. */
  readonly actionTag?: string;
  /** What stands between reasoning and action. Default a line break. */
  readonly separator?: string;
  /** The only actions, such as those admissible now; any text without tags when absent. */
  readonly actions?: readonly string[];
  /** The class of characters that free text is made of, such as `[\x20-\x7e]`; any by default. */
  readonly characters?: string;
}

/**
 * The responses `<mode>reasoning</mode>` separator `<action>action</action>`: one block of reasoning in one mode, then one action, neither
 * blank, and no tag inside. The response grammar of SPARK, in the form that its warm-up teaches.
 *
 * @throws InvalidInputError when an option is wrong, or an action holds one of the tags
 */
export function responseLanguage(options: ResponseLanguageOptions = {}): Language {
  const { modes, actionTag, separator, actions, characters } = parseInput(
    optionsSchema,
    options,
    'options of responseLanguage',
  );
  const tags = [...modes, actionTag].flatMap((tag) => [`<${tag}>`, `</${tag}>`]);
  const torn = actions?.find((action) => tags.some((tag) => action.includes(tag)));
  if (torn !== undefined) {
    throw new InvalidInputError(`options of responseLanguage: the action "${torn}" holds a tag`, {
      field: 'actions',
      value: torn,
      remedy: 'Leave it out: a response with it could not be read',
    });
  }
  const free: Language = { freeText: { without: tags, nonBlank: true, characters } };
  const block = (tag: string, content: Language): Language => ({
    sequence: [`<${tag}>`, content, `</${tag}>`],
  });
  return {
    sequence: [
      { oneOf: modes.map((mode) => block(mode, free)) },
      separator,
      block(actionTag, actions === undefined ? free : { oneOf: actions }),
    ],
  };
}
