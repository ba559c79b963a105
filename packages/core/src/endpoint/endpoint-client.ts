import { AbortedError, EndpointError, throwIfAborted } from '../errors.js';
import type { JsonValue } from '../json.js';
import { onAbort } from '../on-abort.js';
import { randomSource, type RandomKey } from '../random.js';
import { parseInput } from '../validation.js';
import { callQueue } from './call-queue.js';
import { endpointOptionsSchema, type EndpointOptions } from './endpoint-options.js';
import { oneTry } from './one-try.js';

/** One call. */
export interface EndpointCall<Value> {
  /** Sent as JSON. */
  readonly body: JsonValue;
  /** Takes the answer apart; an InvalidInputError that it throws (as `parseInput` does) means that the answer cannot be used. */
  readonly read: (answer: unknown) => Value;
  /** Names the randomness of the waiting times between tries. */
  readonly key: RandomKey;
  readonly signal?: AbortSignal | undefined;
}

/** Posts JSON to one address and reads JSON. */
export interface EndpointClient {
  /**
   * Calls, and tries again where that may help: the connection failed or was dropped, no answer came in time, the status was 408, 409,
   * 425, 429 or 5xx, the answer was no JSON or not what is expected. It waits as long as the server asks to (`Retry-After`), but never
   * longer than `longestDelayMs`.
   *
   * @throws EndpointError of the last try; AbortedError when `signal` is aborted
   */
  readonly post: <Value>(call: EndpointCall<Value>) => Promise<Value>;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
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
 * A careful client of an HTTP endpoint that takes and gives JSON: classified retries with back-off and keyed jitter, a time limit for each
 * try, a limit of calls under way, and a stop at any moment.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function endpointClient(options: EndpointOptions): EndpointClient {
  const settings = parseInput(endpointOptionsSchema, options, 'options of endpointClient');
  const { url, headers, timeoutMs, tries, firstDelayMs, longestDelayMs } = settings;
  const inTurn = callQueue(settings.concurrency);

  const delayAfter = (failed: number, key: RandomKey, asked: number | undefined): number => {
    const share = 0.5 + 0.5 * randomSource([...key, 'retry', failed]).uniform();
    const backOff = firstDelayMs * 2 ** (failed - 1) * share;
    return Math.min(longestDelayMs, Math.max(backOff, asked ?? 0));
  };

  return {
    post: ({ body, read, key, signal }) =>
      inTurn(async () => {
        for (let tried = 1; ; tried++) {
          try {
            return await oneTry({ url, headers, timeoutMs, body, read, signal });
          } catch (cause) {
            if (!(cause instanceof EndpointError) || !cause.retryable || tried >= tries)
              throw cause;
            await pause(delayAfter(tried, key, cause.retryAfterMs), signal);
          }
        }
      }, signal),
  };
}
