import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Whether a process runs. One that has ended and was not yet buried by its parent does not. */
export function isRunning(pid: number): boolean {
  if (existsSync('/proc/self/stat')) {
    try {
      // The name, in brackets, may hold anything: the state follows the last bracket.
      return !/^\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*(?=\) )/s, ''));
    } catch {
      return false;
    }
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Settles when a process has ended. @throws after `withinMs` */
export async function hasEnded(pid: number, withinMs = 20_000): Promise<void> {
  for (const end = performance.now() + withinMs; isRunning(pid); await wait(20)) {
    if (performance.now() > end) throw new Error(`process ${pid} still runs`);
  }
}

/** The processes that are children of this one and run. Linux only; elsewhere none. */
export function runningChildren(): readonly number[] {
  const list = `/proc/${process.pid}/task/${process.pid}/children`;
  if (!existsSync(list)) return [];
  return readFileSync(list, 'utf8').trim().split(' ').filter(Boolean).map(Number).filter(isRunning);
}
