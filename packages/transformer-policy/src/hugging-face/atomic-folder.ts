import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { CheckpointError, SparkError } from '@spark-rl/core';

/** Writes a file in parts, in order. */
export interface FileWriter {
  readonly write: (name: string, parts: Iterable<Uint8Array>) => Promise<void>;
}

async function writeFile(path: string, parts: Iterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isEmptyOrAbsent = async (path: string): Promise<boolean> => {
  try {
    return (await readdir(path)).length === 0;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ENOENT';
  }
};

/** Moves a finished folder to its place; what stood there goes away after the new one is there. */
async function replaceFolder(finished: string, target: string): Promise<void> {
  const old = join(dirname(finished), 'old');
  const stood = await rename(target, old).then(
    () => true,
    (cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw cause;
    },
  );
  try {
    await rename(finished, target);
  } catch (cause) {
    if (stood) await rename(old, target);
    throw cause;
  }
}

/**
 * Makes a folder whole or not at all: files are written to a temporary folder beside it, which takes its name when all of them are on the
 * disk. When anything fails, what stood there before still does, and nothing else is left.
 *
 * @param replace - whether a folder with files may be replaced; otherwise it is an error
 * @throws CheckpointError naming the folder
 */
export async function writeFolderAtomically(
  path: string,
  fill: (writer: FileWriter) => Promise<void>,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  const target = resolve(path);
  const parent = dirname(target);
  let temporary: string | undefined;
  try {
    if (!replace && !(await isEmptyOrAbsent(target))) {
      throw new CheckpointError(`${target} is there already, and not empty`, {
        field: target,
        remedy: 'Save to another folder, or set the option replace',
      });
    }
    await mkdir(parent, { recursive: true });
    temporary = await mkdtemp(join(parent, `.${basename(target)}-`));
    const finished = join(temporary, 'new');
    await mkdir(finished);
    await fill({ write: (name, parts) => writeFile(join(finished, name), parts) });
    await replaceFolder(finished, target);
  } catch (cause) {
    if (cause instanceof SparkError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CheckpointError(`${target} cannot be saved: ${reason}`, {
      field: target,
      remedy: 'Check the free space of the disk and the permissions of the folder',
      cause,
    });
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}
