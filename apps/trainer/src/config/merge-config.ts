import { InvalidInputError, type JsonValue } from '@spark-rl/core';

import { modelInForm } from './model-forms.js';
import { knownNames } from './nearest-name.js';

/** A configuration, or a part of one, as plain JSON. */
export type ConfigJson = Readonly<Record<string, JsonValue>>;

/** Fields that hold what another package names: any name may stand in them. */
const OPEN = new Set([
  'learning.objective',
  'learning.estimatorOptions',
  'model.chatTemplateVariables',
]);

const isObject = (value: JsonValue | undefined): value is ConfigJson =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parts put together, field by field; later ones win. */
export const joinParts = (parts: readonly ConfigJson[]): ConfigJson =>
  parts.reduce((joined, part) => {
    const entries = Object.entries(part).map(([key, value]): [string, JsonValue] => {
      const before = Object.hasOwn(joined, key) ? joined[key] : undefined;
      return [key, isObject(before) && isObject(value) ? joinParts([before, value]) : value];
    });
    return { ...joined, ...Object.fromEntries(entries) };
  }, {});

/**
 * Lays parts of a configuration over a whole one. Objects are merged field by field; lists and values are replaced. A model takes the form
 * that its parts ask for.
 *
 * @param where - what the parts come from, for errors: a file, a flag
 * @throws InvalidInputError for a field that the whole one does not have, naming the nearest
 */
export function mergeConfig(
  given: ConfigJson,
  parts: ConfigJson,
  where: string,
  path: readonly string[] = [],
): ConfigJson {
  const base = path.join('.') === 'model' ? modelInForm(given, parts, where) : given;
  const merged: Record<string, JsonValue> = { ...base };
  const isOpen = OPEN.has(path.join('.'));
  for (const [key, value] of Object.entries(parts)) {
    const field = [...path, key];
    const known = Object.hasOwn(base, key) ? base[key] : undefined;
    if (known === undefined && !isOpen) {
      throw new InvalidInputError(`${where}: there is no field ${field.join('.')}`, {
        field: field.join('.'),
        value,
        remedy: knownNames(key, Object.keys(base)),
      });
    }
    merged[key] =
      isObject(known) && isObject(value) ? mergeConfig(known, value, where, field) : value;
  }
  return merged;
}
