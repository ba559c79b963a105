import { InvalidInputError, type JsonValue } from '@spark-rl/core';

import { MODEL_FORMS, type ModelConfig } from './model-schema.js';

type Form = ModelConfig['from'];
type Fields = Readonly<Record<string, JsonValue>>;

/** What a form begins with where another one stood before: what has no default must be given. */
const BLANK: Readonly<Record<Form, Fields>> = {
  scratch: {
    from: 'scratch',
    ...Object.fromEntries(MODEL_FORMS.scratch.map((field) => [field, null])),
  },
  folder: {
    from: 'folder',
    folder: null,
    contextLength: null,
    lora: null,
    chatTemplateVariables: {},
  },
};

const isForm = (value: JsonValue | undefined): value is Form =>
  typeof value === 'string' && Object.hasOwn(MODEL_FORMS, value);

/** The first of the given fields that only this form has. */
const ownField = (fields: Fields, form: Form): string | undefined => {
  const others = MODEL_FORMS[form === 'scratch' ? 'folder' : 'scratch'] as readonly string[];
  const own = MODEL_FORMS[form].filter((field) => !others.includes(field));
  return own.find((field) => Object.hasOwn(fields, field));
};

/**
 * A model's settings in the form that parts of it ask for: `folder` over a model from scratch makes it a published one, and what was said
 * of its size is dropped. Parts that say nothing of the form leave it.
 *
 * @param where - what the parts come from, for errors
 * @throws InvalidInputError when parts ask for one form and set what only the other has
 */
export function modelInForm(base: Fields, parts: Fields, where: string): Fields {
  const before = isForm(base['from']) ? base['from'] : 'scratch';
  const asked = parts['from'];
  const form = isForm(asked) ? asked : ownField(parts, 'folder') !== undefined ? 'folder' : before;
  const stranger = ownField(parts, form === 'folder' ? 'scratch' : 'folder');
  if (stranger !== undefined) {
    const [why, remedy] =
      form === 'folder'
        ? [
            'a published model has its own',
            'Leave it out, or train a new model with model.from scratch.',
          ]
        : ['a model from scratch has none', 'Leave it out, or set model.from to folder.'];
    throw new InvalidInputError(
      `${where}: model.${stranger} contradicts model.from ${form}: ${why}`,
      {
        field: `model.${stranger}`,
        value: parts[stranger],
        remedy,
      },
    );
  }
  return form === before ? base : BLANK[form];
}
