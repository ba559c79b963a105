import { readFileSync } from 'node:fs';

import { InvalidInputError } from '@spark-rl/core';

/** The content of a JSON file. @throws InvalidInputError when it cannot be read or is no JSON */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    throw new InvalidInputError(
      `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { field: path, value: path, remedy: 'Give the path of a whole JSON file.', cause },
    );
  }
}
