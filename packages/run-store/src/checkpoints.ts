import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { CheckpointError } from '@spark-rl/core';

import { onPath, syncFolder } from './files.js';

/** The files of a checkpoint, by name. */
export type CheckpointFiles = ReadonlyMap<string, Uint8Array>;

/** A run's checkpoints: one folder each, complete or absent, never half-written. */
export interface Checkpoints {
  /** Writes a checkpoint durably and gives its folder. An existing one of that name is replaced. */
  readonly save: (name: string, files: CheckpointFiles) => Promise<string>;
  readonly load: (name: string) => Promise<CheckpointFiles>;
  readonly has: (name: string) => Promise<boolean>;
  /** The names of all complete checkpoints, sorted by their numbers (`step-2` before `step-10`). */
  readonly list: () => Promise<string[]>;
  readonly remove: (name: string) => Promise<void>;
}

/** A checkpoint that is being written. */
const UNFINISHED = '.writing';
/** The old checkpoint while a new one takes its place: whole as long as there is none of its own name. */
const REPLACED = '.replaced';
/** A checkpoint that is being removed. */
const REMOVED = '.removed';

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** Deletes a folder under another name, so that it is never seen half-deleted under its own. */
async function removeFolder(path: string): Promise<void> {
  const aside = path + REMOVED;
  await rm(aside, { recursive: true, force: true });
  await rename(path, aside);
  await rm(aside, { recursive: true, force: true });
}

/**
 * Opens the checkpoints below `folder`. A folder of a checkpoint's name is always whole: it gets that name by one rename when all its
 * files are on the disk, and loses it by one rename before the first is deleted. After a crash between the two renames of a
 * replacement the old checkpoint counts until another is saved. What a crash left half-written is removed on the next save.
 */
export function openCheckpoints(folder: string): Checkpoints {
  /** Where each checkpoint lies. */
  const foldersByName = async (): Promise<Map<string, string>> => {
    const found = await onPath('read', folder, () => foldersIn(folder));
    const replaced = found.filter((each) => each.endsWith(REPLACED));
    const whole = found.filter(
      (each) => ![UNFINISHED, REPLACED, REMOVED].some((end) => each.endsWith(end)),
    );
    return new Map([
      ...replaced.map((each) => [each.slice(0, -REPLACED.length), join(folder, each)] as const),
      ...whole.map((each) => [each, join(folder, each)] as const),
    ]);
  };
  const list = async (): Promise<string[]> =>
    [...(await foldersByName()).keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

  const save = async (name: string, files: CheckpointFiles): Promise<string> => {
    const target = join(folder, name);
    const unfinished = target + UNFINISHED;
    const replaced = target + REPLACED;
    return onPath('write the checkpoint', target, async () => {
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { recursive: true });
      try {
        for (const [file, bytes] of files) {
          const handle = await open(join(unfinished, file), 'w');
          try {
            await handle.writeFile(bytes);
            await handle.sync();
          } finally {
            await handle.close();
          }
        }
        await syncFolder(unfinished);
        if ((await foldersIn(folder)).includes(name)) {
          await rm(replaced, { recursive: true, force: true });
          await rename(target, replaced);
        }
        await rename(unfinished, target);
        await syncFolder(folder);
        await rm(replaced, { recursive: true, force: true });
      } catch (cause) {
        await rm(unfinished, { recursive: true, force: true });
        throw cause;
      }
      return target;
    });
  };

  return {
    save,
    list,
    has: async (name) => (await list()).includes(name),
    load: async (name) => {
      const place = (await foldersByName()).get(name);
      if (place === undefined) {
        const names = await list();
        throw new CheckpointError(`there is no checkpoint ${name} in ${folder}`, {
          field: join(folder, name),
          remedy:
            names.length > 0
              ? `Choose one of: ${names.join(', ')}.`
              : 'The run has not saved one yet.',
        });
      }
      return onPath('read the checkpoint', join(folder, name), async () => {
        const files = new Map<string, Uint8Array>();
        for (const file of (await readdir(place)).sort()) {
          files.set(file, new Uint8Array(await readFile(join(place, file))));
        }
        return files;
      });
    },
    remove: (name) =>
      onPath('remove the checkpoint', join(folder, name), async () => {
        const found = await foldersIn(folder);
        // The older one first: it would count as soon as the other is gone.
        for (const each of [name + REPLACED, name])
          if (found.includes(each)) await removeFolder(join(folder, each));
      }),
  };
}
