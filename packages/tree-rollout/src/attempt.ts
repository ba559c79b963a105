import {
  AbortedError,
  EnvironmentError,
  onAbort,
  PolicyError,
  throwIfAborted,
  type Awaitable,
  type SparkError,
} from '@spark-rl/core';

import type { Limiter } from './limiter.js';
import { describe, isAborted, LostError } from './lost.js';

/** Whose call it is. When it stays broken, a path is lost to the policy or the environment; a rater only leaves its turn unrated. */
export type Callee = 'policy' | 'environment' | 'rater';

/** How calls to one callee are made. */
export interface CallRules {
  readonly callee: Callee;
  /** How often a call that threw is made again. */
  readonly retries: number;
  /** After how many milliseconds a call counts as broken; never by default. */
  readonly timeout: number | undefined;
  readonly limiter: Limiter;
}

/** One call, and whom to tell of its repetitions. */
export interface Call<Value> {
  /** What is asked, for messages: `policy`, `environment reset`. */
  readonly where: string;
  readonly make: (signal: AbortSignal) => Awaitable<Value>;
  readonly signal: AbortSignal;
  readonly onRetry: (retry: number, error: unknown) => Awaitable<void>;
  /** Gets a value that came after its call had been given up. */
  readonly discard?: (value: Value) => void;
}

const mayRetry = (error: unknown): boolean =>
  (error as { retryable?: unknown } | null)?.retryable !== false;

const timeoutError = (callee: Callee, where: string, milliseconds: number): SparkError => {
  const message = `${where}: no answer within ${milliseconds} ms`;
  return callee === 'environment'
    ? new EnvironmentError(message)
    : new PolicyError(message, { retryable: true });
};

/** Makes a call once. One that may take only so long is given up, and told so by its signal, when that is over or all is stopped. */
async function makeOnce<Value>(rules: CallRules, call: Call<Value>): Promise<Value> {
  const { timeout, callee } = rules;
  if (timeout === undefined) return call.make(call.signal);
  throwIfAborted(call.signal);
  const own = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let forget = (): void => undefined;
  let givenUp = false;
  const ended = new Promise<never>((_, reject) => {
    const giveUp = (error: Error, reason: unknown): void => {
      givenUp = true;
      reject(error);
      own.abort(reason);
    };
    timer = setTimeout(() => {
      const error = timeoutError(callee, call.where, timeout);
      giveUp(error, error);
    }, timeout);
    // Not `AbortSignal.any`: a signal that lives as long as the rollout would remember every call.
    forget = onAbort(call.signal, () => {
      // A call that does not heed its signal must not keep the process alive.
      clearTimeout(timer);
      giveUp(new AbortedError(), call.signal.reason);
    });
  });
  const made = (async () => call.make(own.signal))();
  // Nobody waits for what becomes of a call that was given up.
  made
    .then((value) => {
      if (givenUp) call.discard?.(value);
    })
    .catch(() => undefined);
  try {
    return await Promise.race([made, ended]);
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/**
 * Makes a call, and makes the same call again when it throws or takes too long: infrastructure may recover, and a repetition
 * asks for the same thing with the same key, so that what recovers leaves no trace in the tree. An error that says
 * `retryable: false` is final at once. A stop is never retried.
 *
 * @throws LostError when the repetitions are spent, AbortedError when the work is stopped
 */
export async function attempt<Value>(rules: CallRules, call: Call<Value>): Promise<Value> {
  const { limiter, retries, callee } = rules;
  for (let retry = 0; ; retry++) {
    if (limiter.limited) await limiter.enter(call.signal);
    let failure: unknown;
    try {
      return await makeOnce(rules, call);
    } catch (error) {
      throwIfAborted(call.signal);
      if (isAborted(error) || error instanceof LostError) throw error;
      if (retry >= retries || !mayRetry(error))
        throw new LostError(
          callee === 'environment' ? callee : 'policy',
          `${call.where}: ${describe(error)}`,
          error,
        );
      failure = error;
    } finally {
      if (limiter.limited) limiter.leave();
    }
    // Outside, so that a slow listener holds no place.
    await call.onRetry(retry + 1, failure);
  }
}
