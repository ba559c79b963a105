import { AbortedError } from '@spark-rl/core';

/**
 * Turns Ctrl-C (SIGINT) and SIGTERM into an abort signal for the duration of some work: the first asks it to stop cleanly, the
 * second ends the process at once.
 */
export async function withStopSignal<Value>(
  write: (text: string) => void,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    write(`\n${name}: stopping (once more stops at once) ...\n`);
    controller.abort(new AbortedError(`stopped by ${name}`));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
