import type { JsonValue } from '@spark-rl/core';

/** The fields that have a value, with further ones, without those that the server refuses. */
export function requestBody(
  fields: Readonly<Record<string, JsonValue | undefined>>,
  {
    extra,
    omit,
  }: { readonly extra: Readonly<Record<string, JsonValue>>; readonly omit: readonly string[] },
): JsonValue {
  return Object.fromEntries(
    Object.entries({ ...fields, ...extra }).filter(
      (field): field is [string, JsonValue] => field[1] !== undefined && !omit.includes(field[0]),
    ),
  );
}
