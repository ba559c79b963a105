import type { JsonValue } from '../json.js';
import type { RandomKey } from '../random.js';
import { parseInput } from '../validation.js';
import { callQueue } from './call-queue.js';
import { endpointOptionsSchema, type EndpointOptions } from './endpoint-options.js';
import { oneTry } from './one-try.js';
import { withRetries } from './retries.js';

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

/**
 * A careful client of an HTTP endpoint that takes and gives JSON: classified retries with back-off and keyed jitter, a time limit for each
 * try, a limit of calls under way, and a stop at any moment.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function endpointClient(options: EndpointOptions): EndpointClient {
  const settings = parseInput(endpointOptionsSchema, options, 'options of endpointClient');
  const { url, headers, timeoutMs } = settings;
  const inTurn = callQueue(settings.concurrency);

  return {
    post: ({ body, read, key, signal }) =>
      inTurn(
        () =>
          withRetries(settings, key, signal, () =>
            oneTry({ url, headers, timeoutMs, body, read, signal }),
          ),
        signal,
      ),
  };
}
