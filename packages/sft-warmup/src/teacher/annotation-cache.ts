import { InvalidInputError, type JsonValue } from '@spark-rl/core';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Answers that were paid for once, by the hash of what was asked. */
export interface AnnotationCache {
  /** Undefined when it is not there, or there is no sense in what is. */
  readonly get: (key: string) => Promise<JsonValue | undefined>;
  readonly set: (key: string, value: JsonValue) => Promise<void>;
}

async function writeAtomically(path: string, content: string): Promise<void> {
  // A name of its own: two writers of the same answer must not write into one file, also where they are threads of one process, or share
  // a folder between machines whose processes have the same numbers.
  const temporary = `${path}.${randomUUID()}.writing`;
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

/**
 * A cache in a folder, one JSON file an answer. Files appear whole or not at all; one that cannot be read as JSON (torn by a crash of the
 * disk, edited) counts as absent and is written anew.
 *
 * @throws InvalidInputError (from `get` and `set`) when the folder cannot be used
 */
export function folderCache(folder: string): AnnotationCache {
  const pathOf = (key: string): string => join(folder, `${key}.json`);
  const unusable = (cause: unknown): InvalidInputError =>
    new InvalidInputError(
      `the cache folder ${folder} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      { field: 'folder', value: folder, remedy: 'Give a folder that can be written.', cause },
    );
  return {
    get: async (key) => {
      let text: string;
      try {
        text = await readFile(pathOf(key), 'utf8');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw unusable(cause);
      }
      try {
        return JSON.parse(text) as JsonValue;
      } catch {
        return undefined;
      }
    },
    set: async (key, value) => {
      try {
        await mkdir(folder, { recursive: true });
        await writeAtomically(pathOf(key), `${JSON.stringify(value)}\n`);
      } catch (cause) {
        throw unusable(cause);
      }
    },
  };
}
