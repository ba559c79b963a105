import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { parseInput } from '@spark-rl/core';
import type { z } from 'zod';

import type { Problem } from '../shared/views.js';

/** What a file held: a value, or nothing when it is absent, or a problem when it is damaged. */
export interface JsonFile<Value> {
  readonly value: Value | undefined;
  readonly problems: readonly Problem[];
}

/** An error in words. */
export const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/** Reads a JSON file of a run as far as it can be read. Never throws: what is wrong is told. */
export async function readJsonFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<JsonFile<z.output<Schema>>> {
  const place = basename(path);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      return { value: undefined, problems: [] };
    return { value: undefined, problems: [{ place, reason: messageOf(cause) }] };
  }
  try {
    return { value: parseInput(schema, JSON.parse(text), place), problems: [] };
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'it is not JSON' : messageOf(cause);
    return { value: undefined, problems: [{ place, reason }] };
  }
}
