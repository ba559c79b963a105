import { z } from 'zod';

import { trainConfigSchema } from './schema.js';

/** The JSON Schema of a configuration file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const { properties, ...schema } = z.toJSONSchema(trainConfigSchema, {
    io: 'input',
    unrepresentable: 'any',
    // A file says only what differs from its preset.
    override: ({ jsonSchema }) => {
      delete jsonSchema.required;
      // Parts of several worlds may be alike: any of them is right.
      if (jsonSchema.oneOf !== undefined) {
        jsonSchema.anyOf = jsonSchema.oneOf;
        delete jsonSchema.oneOf;
      }
    },
  });
  return {
    ...schema,
    title: 'spark-rl configuration',
    properties: {
      $schema: { type: 'string' },
      preset: { type: 'string', description: 'The preset that the rest is laid over.' },
      env: { type: 'string', description: 'The world of the preset.' },
      ...properties,
    },
  };
}

/** A field of a configuration, and the sentence that says what it is. */
export interface FieldDescription {
  /** Such as `rollout.leaves`. */
  readonly field: string;
  readonly meaning: string;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly description?: string;
}

function* fieldsOf(schema: JsonSchema, path: readonly string[]): Generator<FieldDescription> {
  for (const variant of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])])
    yield* fieldsOf(variant, path);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const here = [...path, name];
    const parts = [...fieldsOf(field, here)];
    // What may be null as a whole is a field too.
    if (parts.length === 0 || field.anyOf !== undefined)
      yield { field: here.join('.'), meaning: field.description ?? '' };
    yield* parts;
  }
}

/** Every field of a configuration with its sentence, in order. */
export function describeFields(): readonly FieldDescription[] {
  const schema = z.toJSONSchema(trainConfigSchema, { io: 'input', unrepresentable: 'any' });
  const fields = [...fieldsOf(schema as JsonSchema, [])];
  // Worlds share fields.
  return fields.filter(({ field }, at) => fields.findIndex((each) => each.field === field) === at);
}
