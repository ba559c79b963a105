import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { RunStoreError } from '@spark-rl/core';

/** What to do about an error of the file system, in words; the common causes are named. */
function remedyFor(cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException | null)?.code) {
    case 'ENOSPC':
      return 'The disk is full: free some space, then resume the run.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'This user may not write there: choose another folder or change its permissions.';
    case 'ENOENT':
      return 'Check that the folder exists and was not moved while the run was going.';
    default:
      return 'Check the folder and the disk, then resume the run.';
  }
}

/** Runs a piece of file work and turns what fails into a {@link RunStoreError} that names the path. */
export async function onPath<Value>(
  what: string,
  path: string,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof RunStoreError) throw cause;
    throw new RunStoreError(
      `cannot ${what} ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        field: path,
        remedy: remedyFor(cause),
        cause,
      },
    );
  }
}

/** Makes a folder's entries (a rename, a new file) durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates a folder and those above it, durably: a finished file in it must not go with its folder in a power cut. */
export async function createFolder(path: string): Promise<void> {
  await onPath('create', path, async () => {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    for (let made = resolve(path); ; made = dirname(made)) {
      await syncFolder(dirname(made));
      if (made === resolve(first) || made === dirname(made)) return;
    }
  });
}

/** Writes a file durably: readers see the old content or the new one, never a part of it, also after a crash. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  const temporary = `${path}.writing`;
  await onPath('write', path, async () => {
    try {
      const handle = await open(temporary, 'w');
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
      await syncFolder(dirname(path));
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  });
}

/** Reads a file as text; undefined when it does not exist. */
export async function readTextIfPresent(path: string): Promise<string | undefined> {
  return onPath('read', path, async () => {
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw cause;
    }
  });
}
