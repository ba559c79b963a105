import { EndpointError, InvalidInputError, throwIfAborted } from '../errors.js';
import type { JsonValue } from '../json.js';
import { onAbort } from '../on-abort.js';
import { showValue } from '../validation.js';
import { isTransientStatus, retryAfterMs, shownUrl } from './refusal.js';

/** What one try sends. */
export interface Attempt<Value> {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly body: JsonValue;
  readonly read: (answer: unknown) => Value;
  readonly signal: AbortSignal | undefined;
}

function refused(url: string, response: Response, text: string): EndpointError {
  const { status } = response;
  return new EndpointError(`${shownUrl(url)} answered ${status}: ${showValue(text)}`, {
    field: 'status',
    value: status,
    status,
    retryable: isTransientStatus(status),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
    remedy: isTransientStatus(status)
      ? 'Try again later, or with a lower concurrency.'
      : 'Check the address, the model name and the key.',
  });
}

function malformed(url: string, problem: string, cause: unknown): EndpointError {
  return new EndpointError(`${shownUrl(url)} gave an answer that cannot be used: ${problem}`, {
    field: 'answer',
    retryable: true,
    remedy: 'Check that this address speaks the protocol that is expected of it.',
    cause,
  });
}

function readAnswer<Value>({ url, read }: Attempt<Value>, text: string): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw malformed(url, `no JSON (${showValue(text)})`, cause);
  }
  try {
    return read(json);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw malformed(url, cause.message, cause);
  }
}

/** Where it broke, in words: fetch itself only says that it failed. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Object && 'cause' in cause ? cause.cause : undefined;
  const told = inner ?? cause;
  return told instanceof Object && 'message' in told ? String(told.message) : String(told);
}

/** Sends the request and reads all of what comes back, in time. Whatever goes wrong here is the way to the server, or the server. */
async function exchange(attempt: Attempt<unknown>): Promise<readonly [Response, string]> {
  const { url, headers, timeoutMs, signal } = attempt;
  const body = JSON.stringify(attempt.body);
  const stop = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, timeoutMs);
  const off = onAbort(signal, () => stop.abort());
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: stop.signal,
    });
    return [response, await response.text()];
  } catch (cause) {
    throwIfAborted(signal);
    const reason = late
      ? `did not answer within ${timeoutMs} ms`
      : `could not be reached: ${reasonOf(cause)}`;
    throw new EndpointError(`${shownUrl(url)} ${reason}`, {
      field: 'url',
      value: shownUrl(url),
      retryable: true,
      remedy: 'Check that the server runs and is reached from here.',
      cause,
    });
  } finally {
    clearTimeout(timer);
    off();
  }
}

/** Posts once, and reads the whole answer. */
export async function oneTry<Value>(attempt: Attempt<Value>): Promise<Value> {
  throwIfAborted(attempt.signal);
  const [response, text] = await exchange(attempt);
  if (!response.ok) throw refused(attempt.url, response, text);
  return readAnswer(attempt, text);
}
