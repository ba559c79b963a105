import { InvalidInputError, SparkError } from '@spark-rl/core';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';

/**
 * Lets `write` fill a file that appears whole or not at all: it is written beside its place and moved there when it is complete.
 *
 * @throws InvalidInputError when the file cannot be written
 */
export async function writeWhole<Result>(
  path: string,
  write: (handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  const temporary = `${path}.writing`;
  try {
    const handle = await open(temporary, 'w');
    let result: Result;
    try {
      result = await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    return result;
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof SparkError || (cause as NodeJS.ErrnoException).syscall === undefined)
      throw cause;
    throw new InvalidInputError(`cannot write ${path}: ${(cause as Error).message}`, {
      field: 'path',
      value: path,
      remedy: 'Give a file in a folder that exists and can be written.',
      cause,
    });
  }
}
