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

const UNFINISHED = '.writing';

/** Opens the checkpoints below `folder`; what a crash left half-written there is removed on the next save. */
export function openCheckpoints(folder: string): Checkpoints {
  const list = async (): Promise<string[]> =>
    onPath('read', folder, async () => {
      const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw cause;
      });
      return entries
        .filter((entry) => entry.isDirectory() && !entry.name.endsWith(UNFINISHED))
        .map((entry) => entry.name)
        .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    });

  const save = async (name: string, files: CheckpointFiles): Promise<string> => {
    const target = join(folder, name);
    const unfinished = target + UNFINISHED;
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
        await rm(target, { recursive: true, force: true });
        await rename(unfinished, target);
        await syncFolder(folder);
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
      const names = await list();
      if (!names.includes(name)) {
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
        for (const file of (await readdir(join(folder, name))).sort()) {
          files.set(file, new Uint8Array(await readFile(join(folder, name, file))));
        }
        return files;
      });
    },
    remove: (name) =>
      onPath('remove the checkpoint', join(folder, name), () =>
        rm(join(folder, name), { recursive: true, force: true }),
      ),
  };
}
