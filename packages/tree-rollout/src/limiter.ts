import { AbortedError, onAbort, throwIfAborted } from '@spark-rl/core';

/** Lets so many calls at a time through, first come, first served: what keeps a slow server from being flooded. */
export interface Limiter {
  /** False when nobody ever waits: then `enter` and `leave` need not be called. */
  readonly limited: boolean;
  /** Resolves when a place is free, and takes it. Rejects with an AbortedError, and takes none, when stopped meanwhile. */
  readonly enter: (signal: AbortSignal) => Promise<void>;
  /** Gives the place back. */
  readonly leave: () => void;
}

/** @param places - how many calls may be under way at once; Infinity for no limit */
export function limiter(places: number): Limiter {
  const waiting = new Set<() => void>();
  let free = places;
  return {
    limited: places !== Infinity,
    enter: async (signal) => {
      throwIfAborted(signal);
      if (free > 0) {
        free--;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const forget = onAbort(signal, () => {
          waiting.delete(go);
          reject(new AbortedError('the rollout was stopped', { cause: signal.reason }));
        });
        const go = (): void => {
          forget();
          resolve();
        };
        waiting.add(go);
      });
    },
    leave: () => {
      const [next] = waiting;
      if (next === undefined) {
        free++;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
