import { AbortedError, onAbort, throwIfAborted } from '@spark-rl/core';

/**
 * Lets at most `width` pieces of work run at once; the rest wait in order. Many Java processes that start together on a few cores would
 * all start late, and be taken for ones that hang.
 */
export function startGate(
  width: number,
): <Result>(signal: AbortSignal | undefined, work: () => Promise<Result>) => Promise<Result> {
  const queue: (() => void)[] = [];
  let running = 0;

  const enter = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      throwIfAborted(signal);
      if (running < width) {
        running++;
        resolve();
        return;
      }
      const go = (): void => {
        forget();
        resolve();
      };
      const forget = onAbort(signal, () => {
        queue.splice(queue.indexOf(go), 1);
        reject(new AbortedError());
      });
      queue.push(go);
    });

  return async (signal, work) => {
    await enter(signal);
    try {
      return await work();
    } finally {
      // The place goes to the next without being free in between.
      const next = queue.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
