import { open, readFile, rm } from 'node:fs/promises';
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
        const handle = await open(path, 'wx');
        await handle.writeFile(String(process.pid));
        await handle.close();
        return () => rm(path, { force: true });
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw cause;
        const holder = Number((await readFile(path, 'utf8').catch(() => '')) || NaN);
        if (Number.isInteger(holder) && holder !== process.pid && isAlive(holder)) {
          throw new RunStoreError(`the run ${folder} is in use by process ${holder}`, {
            field: path,
            value: holder,
            remedy: 'Wait for that process to end, or stop it, then try again.',
          });
        }
        await rm(path, { force: true });
      }
    }
  });
}
