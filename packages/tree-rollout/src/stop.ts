import { AbortedError, onAbort, throwIfAborted } from '@spark-rl/core';

/**
 * Runs work under a signal of its own, which stops when the caller's does and when the work fails: what still runs then must
 * not go on. Rejects at once, without waiting for calls that ignore the signal.
 */
export async function withStop<Result>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  throwIfAborted(outer);
  const controller = new AbortController();
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      controller.abort(outer?.reason);
      reject(new AbortedError('the rollout was stopped', { cause: outer?.reason }));
    };
  });
  const forget = onAbort(outer, () => stop());
  try {
    return await Promise.race([work(controller.signal), stopped]);
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    forget();
  }
}
