import type { JsonValue } from './json.js';

/** The same value with the keys of every object in code-unit order, and no keys without a value. */
export function canonical(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, canonical(item)]),
  );
}

/** JSON text that is equal for equal values. For values that are JSON by their nature, such as tasks, queries and answers. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(canonical(value as JsonValue));
