import type { JsonValue } from '@spark-rl/core';

/** The fields of nested objects by their dotted paths, `rollout.leaves`; arrays stay whole. */
export function flatten(value: JsonValue, path = ''): readonly (readonly [string, JsonValue])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, each]) =>
    flatten(each, path === '' ? key : `${path}.${key}`),
  );
}

/** As {@link flatten}, for reading: strings as they are, the rest as JSON. */
export const flattenToText = (value: JsonValue): readonly (readonly [string, string])[] =>
  flatten(value).map(([field, each]) => [
    field,
    typeof each === 'string' ? each : JSON.stringify(each),
  ]);
