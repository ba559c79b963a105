import { AbortedError, throwIfAborted, type Awaitable } from '@spark-rl/core';

/** A call stayed broken after its repetitions: the leaf that needed it is lost. */
export class LostError extends Error {
  constructor(where: string, cause: unknown) {
    super(
      `${where}: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`,
      {
        cause,
      },
    );
    this.name = 'LostError';
  }
}

// By code, not by class: an ESM and a CommonJS copy of core may both be loaded.
const isAborted = (error: unknown): boolean =>
  error instanceof AbortedError || (error as { code?: unknown } | null)?.code === 'aborted';

const mayRetry = (error: unknown): boolean =>
  (error as { retryable?: unknown } | null)?.retryable !== false;

/**
 * Makes a call, and makes it again when it throws: infrastructure may recover. An error that says `retryable: false` is
 * final at once. An abort is never retried.
 *
 * @param call - gets the number of the repetition, 0 at first
 * @throws LostError when the repetitions are spent, AbortedError when the work is stopped
 */
export async function attempt<Value>(
  where: string,
  call: (retry: number) => Awaitable<Value>,
  options: {
    readonly retries: number;
    readonly signal: AbortSignal;
    readonly onRetry: (retry: number, error: unknown) => void;
  },
): Promise<Value> {
  for (let retry = 0; ; retry++) {
    try {
      return await call(retry);
    } catch (error) {
      if (isAborted(error)) throw error;
      throwIfAborted(options.signal);
      if (retry >= options.retries || !mayRetry(error)) throw new LostError(where, error);
      options.onRetry(retry + 1, error);
    }
  }
}
