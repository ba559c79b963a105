import type { z } from 'zod';

import { InvalidInputError } from './errors.js';

/** A value as JSON, or what it calls itself where JSON cannot hold it: a function, a cycle, a bigint inside an object. */
function asText(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
    return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** Shows a value in an error message: JSON, cut at 80 characters. Never throws. */
export function showValue(value: unknown): string {
  const text = asText(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

/**
 * Validates a value at a border. Says which field is wrong, what was found there, what was expected, and what to do.
 *
 * @param schema - the zod schema of what is expected
 * @param value - what came from outside
 * @param what - what the value is, for the message: `"options of leafBudget"`, `"runs/a/manifest.json"`
 * @param remedy - what the reader can do about it
 * @throws InvalidInputError naming the first wrong field
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
  remedy = 'Correct that field and try again.',
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  const field = path.length > 0 ? path.map(String).join('.') : what;
  // Of fields that are not known, their names: what else the object holds may be nobody's business, such as a key.
  const found = issue?.code === 'unrecognized_keys' ? issue.keys : valueAt(value, path);
  const more = result.error.issues.length - 1;
  throw new InvalidInputError(
    `${what}: ${path.length > 0 ? `${field}: ` : ''}${issue?.message ?? 'invalid'} (found ${showValue(found)})` +
      (more > 0 ? `, and ${more} more` : ''),
    { field, value: found, remedy, cause: result.error },
  );
}
