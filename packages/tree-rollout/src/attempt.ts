import {
  EnvironmentError,
  PolicyError,
  throwIfAborted,
  type Awaitable,
  type SparkError,
} from '@spark-rl/core';

import type { Limiter } from './limiter.js';
import { describe, isAborted, LostError } from './lost.js';

/** Whose call it is: what it is lost to when it stays broken. */
export type Callee = 'policy' | 'environment';

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
  return callee === 'policy'
    ? new PolicyError(message, { retryable: true })
    : new EnvironmentError(message);
};

/** Makes a call once. Gives it up, and tells it so by its signal, when it is stopped or takes too long. */
async function makeOnce<Value>(rules: CallRules, call: Call<Value>): Promise<Value> {
  const { timeout, callee } = rules;
  if (timeout === undefined) return call.make(call.signal);
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let givenUp = false;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      givenUp = true;
      const error = timeoutError(callee, call.where, timeout);
      reject(error);
      late.abort(error);
    }, timeout);
  });
  const made = (async () => call.make(AbortSignal.any([call.signal, late.signal])))();
  made.then(
    (value) => {
      if (givenUp) call.discard?.(value);
    },
    () => undefined,
  );
  try {
    return await Promise.race([made, expired]);
  } finally {
    clearTimeout(timer);
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
    try {
      return await makeOnce(rules, call);
    } catch (error) {
      throwIfAborted(call.signal);
      if (isAborted(error) || error instanceof LostError) throw error;
      if (retry >= retries || !mayRetry(error))
        throw new LostError(callee, `${call.where}: ${describe(error)}`, error);
      await call.onRetry(retry + 1, error);
    } finally {
      if (limiter.limited) limiter.leave();
    }
  }
}
