import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';

import { RunStoreError } from '@spark-rl/core';

import { onPath } from './files.js';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: the process exists and belongs to somebody else.
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Who holds a lock. It says nothing for the moment between its making and its writing: then it is read again, for at most a second. */
async function holderOf(path: string): Promise<number> {
  let text = '';
  for (let reading = 0; text === '' && reading < 20; reading++) {
    if (reading > 0) await wait(50);
    text = await readFile(path, 'utf8').catch(() => '-');
  }
  return Number(text || NaN);
}

/**
 * Takes the lock of a run folder, so that two processes never write one run. The lock of a process that is gone (kill -9) is
 * taken over.
 *
 * @returns a function that gives the lock back
 * @throws RunStoreError naming the process that holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  return onPath('lock', folder, async () => {
    for (let attempt = 0; ; attempt++) {
      try {
        await writeFile(path, String(process.pid), { flag: 'wx' });
        return () => rm(path, { force: true });
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw cause;
        const holder = await holderOf(path);
        if (Number.isInteger(holder) && holder !== process.pid && isAlive(holder)) {
          throw new RunStoreError(`the run ${folder} is in use by process ${holder}`, {
            field: path,
            value: holder,
            remedy: `Wait for that process to end, or stop it, then try again; if it has nothing to do with this run, delete ${path}.`,
          });
        }
        await rm(path, { force: true });
      }
    }
  });
}

/** The living process that holds a run folder, by its id; undefined when none does. A folder that is not there is held by none. */
export async function lockHolder(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, 'lock'), 'utf8').catch(() => '');
  const holder = Number(text || NaN);
  return Number.isInteger(holder) && isAlive(holder) ? holder : undefined;
}
