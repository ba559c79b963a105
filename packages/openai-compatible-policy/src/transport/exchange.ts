import {
  EndpointError,
  InvalidInputError,
  onAbort,
  showValue,
  throwIfAborted,
  type JsonValue,
} from '@spark-rl/core';
import { isTransientStatus } from '@spark-rl/core/endpoint';
import type { Dispatcher } from 'undici';

import { askedDelayMs } from './rate-limit-headers.js';
import { readSafely } from './read-safely.js';
import { safeCause, type Redact } from './redactor.js';
import { serverMessage } from './server-message.js';
import { serverSentEvents } from './server-sent-events.js';
import { watchTime, type TimeLimits } from './time-limits.js';
import type { WireQuery } from './wire-call.js';

/** Answers beyond this are not read: no response of a model is so long. */
const LONGEST_ANSWER_BYTES = 256 * 2 ** 20;

/** Faults of undici that another try meets again. */
const FINAL: readonly string[] = ['UND_ERR_INVALID_ARG', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED'];

/** A way to one server. */
export interface Line {
  readonly dispatcher: Dispatcher;
  /** Scheme, host and port. */
  readonly origin: string;
  /** What stands before every path; empty, or a path without a slash at its end. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: TimeLimits;
  readonly redact: Redact;
}

type Headers = Dispatcher.ResponseData['headers'];

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const shown = ({ origin, prefix }: Line, path: string): string => `${origin}${prefix}${path}`;

/** Sends the request and reads all of what comes back, in time. What goes wrong here is the way to the server, or the server. */
async function send(
  line: Line,
  { call }: WireQuery<unknown>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  throwIfAborted(signal);
  const watch = watchTime(line.limits);
  const stop = new AbortController();
  const offs = [signal, watch.signal].map((each) => onAbort(each, () => stop.abort()));
  try {
    watch.expect('headers');
    const response = await line.dispatcher.request({
      origin: line.origin,
      path: `${line.prefix}${call.path}`,
      method: call.method,
      headers: {
        ...(call.method === 'POST' && { 'content-type': 'application/json' }),
        accept: call.answer === 'events' ? 'text/event-stream' : 'application/json',
        ...line.headers,
      },
      body: call.method === 'POST' ? JSON.stringify(call.body) : null,
      signal: stop.signal,
      // The watch keeps the time: the client's own timers are coarse.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const pieces: Buffer[] = [];
    let size = 0;
    watch.expect('stall');
    for await (const piece of response.body as AsyncIterable<Buffer>) {
      watch.expect('stall');
      size += piece.length;
      if (size > LONGEST_ANSWER_BYTES) throw new Error(`the answer has more than ${size} bytes`);
      pieces.push(piece);
    }
    return {
      status: response.statusCode,
      headers: response.headers,
      text: Buffer.concat(pieces).toString('utf8'),
    };
  } catch (cause) {
    throwIfAborted(signal);
    const { code } = cause as { code?: unknown };
    const safe = safeCause(cause, line.redact);
    throw new EndpointError(
      `${shown(line, call.path)} ${watch.late() ?? `could not be reached: ${safe.message}`}`,
      {
        field: 'url',
        value: shown(line, call.path),
        // A request that cannot even be written will not become writable, nor do connections open again that were closed here.
        retryable: typeof code !== 'string' || !FINAL.includes(code),
        remedy: 'Check that the server runs and is reached from here.',
        cause: safe,
      },
    );
  } finally {
    watch.end();
    for (const off of offs) off();
  }
}

function refused(line: Line, path: string, { status, headers, text }: Answer): EndpointError {
  const said = serverMessage(text, line.redact);
  const again = isTransientStatus(status);
  return new EndpointError(`${shown(line, path)} answered ${status}: ${said}`, {
    field: 'status',
    value: status,
    status,
    retryable: again,
    retryAfterMs: askedDelayMs(headers),
    remedy: again
      ? 'Try again later, or with a lower concurrency.'
      : 'Check the address, the model name, the key and what is asked for.',
  });
}

function unusable(line: Line, path: string, cause: InvalidInputError): EndpointError {
  return new EndpointError(
    `${shown(line, path)} gave an answer that cannot be used: ${cause.message}`,
    {
      field: 'answer',
      retryable: true,
      remedy: 'Check that this server is what the preset says, in a version that it knows.',
      cause: safeCause(cause, line.redact),
    },
  );
}

function parse({ call }: WireQuery<unknown>, text: string): JsonValue {
  if (call.answer === 'text') return text;
  try {
    return call.answer === 'events' ? serverSentEvents(text) : (JSON.parse(text) as JsonValue);
  } catch (cause) {
    throw new InvalidInputError(`no JSON (${showValue(text)})`, { field: 'answer', cause });
  }
}

/**
 * Makes one try of a call, and reads its answer.
 *
 * @throws EndpointError, saying whether another try may help; AbortedError; and what `read` throws beside InvalidInputError
 */
export async function exchange<Value>(
  line: Line,
  query: WireQuery<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  const answer = await send(line, query, signal);
  const { path } = query.call;
  if (answer.status < 200 || answer.status >= 300) throw refused(line, path, answer);
  try {
    return readSafely(answer.text, line.redact, (text) => query.read(parse(query, text)));
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw unusable(line, path, cause);
    throw cause;
  }
}
