import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonValue } from '@spark-rl/core';

/** What a double answers: JSON, or the events of a stream. */
export type DoubleAnswer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly events: readonly unknown[]; readonly done: boolean }
  | { readonly status: number; readonly text: string };

/** A request as it came. */
export interface DoubleRequest {
  /** How many came before it. */
  readonly nth: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
}

/** Something that goes wrong with one request. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The connection is closed before anything is answered. */
  | { readonly kind: 'hang-up' }
  /** The connection is closed after this share of the answer. */
  | { readonly kind: 'cut'; readonly share: number }
  /** The answer waits before it begins. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The answer stops after its first half, and goes on later. */
  | { readonly kind: 'stall'; readonly ms: number }
  | { readonly kind: 'garbage'; readonly text: string }
  /** The answer is changed before it is sent. */
  | { readonly kind: 'change'; readonly change: (answer: JsonValue) => unknown };

/** A server that plays one of the real ones. */
export interface ServerDouble {
  readonly url: string;
  readonly requests: readonly DoubleRequest[];
  /** The most requests that were under way at once. */
  readonly mostAtOnce: () => number;
  /** How many requests were given up by whoever made them. */
  readonly abandoned: () => number;
  /** Says what goes wrong with each request from now on. */
  readonly fail: (fault: (request: DoubleRequest) => Fault | undefined) => void;
  readonly close: () => Promise<void>;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function written(answer: DoubleAnswer): readonly [number, string, readonly string[]] {
  if ('text' in answer) return [answer.status, 'text/plain', [answer.text]];
  if ('json' in answer)
    return [answer.status ?? 200, 'application/json', [JSON.stringify(answer.json)]];
  const events = answer.events.map((event) => `data: ${JSON.stringify(event)}\n\n`);
  return [200, 'text/event-stream', answer.done ? [...events, 'data: [DONE]\n\n'] : events];
}

async function reply(
  response: ServerResponse,
  answer: DoubleAnswer,
  fault: Fault | undefined,
): Promise<void> {
  const changed =
    fault?.kind !== 'change'
      ? answer
      : 'json' in answer
        ? { ...answer, json: fault.change(answer.json as JsonValue) }
        : 'events' in answer
          ? { ...answer, events: fault.change(answer.events as JsonValue) as readonly unknown[] }
          : answer;
  const [status, type, pieces] = written(changed);
  const text = fault?.kind === 'garbage' ? fault.text : pieces.join('');
  if (fault?.kind === 'slow') await wait(fault.ms);
  response.writeHead(status, { 'content-type': type });
  if (fault?.kind === 'cut') {
    response.write(text.slice(0, Math.floor(text.length * fault.share)));
    // What was written must be on its way before the line is cut.
    await wait(5);
    response.destroy();
    return;
  }
  if (fault?.kind === 'stall') {
    response.write(text.slice(0, text.length / 2));
    await wait(fault.ms);
    response.end(text.slice(text.length / 2));
    return;
  }
  if (pieces.length === 1 || fault?.kind === 'garbage') response.end(text);
  else {
    for (const piece of pieces) response.write(piece);
    response.end();
  }
}

/** Starts a double on 127.0.0.1 that answers as `handle` says. */
export async function startDouble(
  handle: (request: DoubleRequest) => DoubleAnswer | Promise<DoubleAnswer>,
): Promise<ServerDouble> {
  const requests: DoubleRequest[] = [];
  let faultOf: (request: DoubleRequest) => Fault | undefined = () => undefined;
  let open = 0;
  let most = 0;
  let abandoned = 0;
  const server = createServer((incoming, response) => {
    most = Math.max(most, ++open);
    response.on('close', () => {
      open--;
      if (!response.writableFinished) abandoned++;
    });
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const request: DoubleRequest = {
        nth: requests.length,
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        headers: incoming.headers,
        body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      };
      requests.push(request);
      const fault = faultOf(request);
      if (fault?.kind === 'hang-up') return void response.destroy();
      if (fault?.kind === 'status')
        return void response
          .writeHead(fault.status, fault.headers ?? {})
          .end(fault.body ?? JSON.stringify({ error: { message: `a fault of ${fault.status}` } }));
      Promise.resolve()
        .then(() => handle(request))
        .then((answer) => reply(response, answer, fault))
        .catch((cause: unknown) => {
          if (!response.headersSent) response.writeHead(500);
          response.end(JSON.stringify({ error: { message: String(cause) } }));
        });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    mostAtOnce: () => most,
    abandoned: () => abandoned,
    fail: (fault) => {
      faultOf = fault;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
