import { EndpointError, onAbort, throwIfAborted, type JsonValue } from '@spark-rl/core';
import { isTransientStatus, retryAfterMs, shownUrl, withRetries } from '@spark-rl/core/endpoint';

import { readSafely } from '../transport/read-safely.js';
import { redactor, safeCause } from '../transport/redactor.js';
import { serverMessage } from '../transport/server-message.js';
import type { AdapterServerSettings } from './adapter-server-options.js';

/** A call that changes or asks what a server serves. */
export interface AdminCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: JsonValue;
  /** Whether making it twice does no harm, so that it is tried again. */
  readonly again: boolean;
  /** Statuses beside 2xx that are an answer. */
  readonly accept?: readonly number[];
}

/** Makes calls, and has their answers read. They come as texts: some servers answer these in words, not in JSON. */
export type AdminLine = <Value>(
  call: AdminCall,
  read: (text: string) => Value,
  signal: AbortSignal | undefined,
) => Promise<Value>;

/** A way to the administration of one server. Nothing that it throws holds the key. */
export function adminLine(settings: AdapterServerSettings): AdminLine {
  const { apiKey, timeoutMs } = settings;
  const redact = redactor(apiKey === undefined ? [] : [apiKey]);

  const once = async (call: AdminCall, signal: AbortSignal | undefined): Promise<string> => {
    const url = `${settings.url}${call.path}`;
    const stop = new AbortController();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop.abort();
    }, timeoutMs);
    const off = onAbort(signal, () => stop.abort());
    try {
      throwIfAborted(signal);
      const response = await fetch(url, {
        method: call.method,
        headers: {
          ...(call.body !== undefined && { 'content-type': 'application/json' }),
          ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        },
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
        signal: stop.signal,
      });
      const text = await response.text();
      if (response.ok || call.accept?.includes(response.status) === true) return text;
      const { status } = response;
      throw new EndpointError(
        `${shownUrl(url)} answered ${status}: ${serverMessage(text, redact)}`,
        {
          field: 'status',
          value: status,
          status,
          retryable: isTransientStatus(status),
          retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
          remedy: 'Check that the server was started for adapters that are loaded while it runs.',
        },
      );
    } catch (cause) {
      throwIfAborted(signal);
      if (cause instanceof EndpointError) throw cause;
      const safe = safeCause(cause instanceof Error && cause.cause ? cause.cause : cause, redact);
      const why = late
        ? `did not answer within ${timeoutMs} ms`
        : `could not be reached: ${safe.message}`;
      throw new EndpointError(`${shownUrl(url)} ${why}`, {
        field: 'url',
        value: shownUrl(url),
        retryable: true,
        remedy: 'Check that the server runs and is reached from here.',
        cause: safe,
      });
    } finally {
      clearTimeout(timer);
      off();
    }
  };

  return async (call, read, signal) => {
    const text = await (call.again
      ? withRetries(settings, ['admin', call.path], signal, () => once(call, signal))
      : once(call, signal));
    return readSafely(text, redact, read);
  };
}

/** An answer that is not what the server's API promises. */
export const unusableAnswer = (where: string, problem: string): EndpointError =>
  new EndpointError(`${where} gave an answer that cannot be used: ${problem}`, {
    field: 'answer',
    retryable: false,
    remedy: 'Check that this server is of the kind, and in a version, that is expected here.',
  });
