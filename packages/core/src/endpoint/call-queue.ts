import { AbortedError, throwIfAborted } from '../errors.js';
import { onAbort } from '../on-abort.js';

/** Lets at most `most` pieces of work run at once, the others wait in the order they came; one that is aborted while it waits leaves. */
export function callQueue(
  most: number,
): <Value>(work: () => Promise<Value>, signal: AbortSignal | undefined) => Promise<Value> {
  let running = 0;
  const waiting: (() => void)[] = [];
  const admit = (signal: AbortSignal | undefined): Promise<void> => {
    if (running < most) {
      running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        off();
        resolve();
      };
      const off = onAbort(signal, () => {
        off();
        waiting.splice(waiting.indexOf(enter), 1);
        reject(new AbortedError());
      });
      waiting.push(enter);
    });
  };
  return async (work, signal) => {
    throwIfAborted(signal);
    await admit(signal);
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so that nobody who comes now slips in before those who wait.
      if (next === undefined) running--;
      else next();
    }
  };
}
