import { AbortedError, EndpointError, throwIfAborted } from '../errors.js';
import { onAbort } from '../on-abort.js';
import { randomSource, type RandomKey } from '../random.js';

/** How often something is tried, and how long it waits in between; see `EndpointOptions`. */
export interface RetryRules {
  readonly tries: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

/** Waits; an abort ends the waiting at once with an AbortedError. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      off();
      resolve();
    }, ms);
    const off = onAbort(signal, () => {
      clearTimeout(timer);
      off();
      reject(new AbortedError());
    });
  });
}

/**
 * How long to wait after the `failed`th try: `firstDelayMs` 2^(failed - 1), shortened by up to half at random, at least what the server
 * asked for, and never longer than `longestDelayMs`.
 */
export function retryDelay(
  rules: RetryRules,
  failed: number,
  key: RandomKey,
  askedMs: number | undefined,
): number {
  const share = 0.5 + 0.5 * randomSource([...key, 'retry', failed]).uniform();
  const backOff = rules.firstDelayMs * 2 ** (failed - 1) * share;
  return Math.min(rules.longestDelayMs, Math.max(backOff, askedMs ?? 0));
}

/**
 * Tries, and tries again after an EndpointError that says it is `retryable`, with back-off and keyed jitter.
 *
 * @param once - makes one try, told which one it is, from 1
 * @throws EndpointError of the last try; AbortedError when `signal` is aborted
 */
export async function withRetries<Value>(
  rules: RetryRules,
  key: RandomKey,
  signal: AbortSignal | undefined,
  once: (tried: number) => Promise<Value>,
): Promise<Value> {
  for (let tried = 1; ; tried++) {
    try {
      return await once(tried);
    } catch (cause) {
      if (!(cause instanceof EndpointError) || !cause.retryable || tried >= rules.tries)
        throw cause;
      await pause(retryDelay(rules, tried, key, cause.retryAfterMs), signal);
    }
  }
}
