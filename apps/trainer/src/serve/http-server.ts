import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { EndpointError } from '@spark-rl/core';

import { apiError, ApiError } from './api-error.js';
import { bearerCheck } from './bearer-token.js';
import { isLoopback, namesLoopback } from './loopback.js';
import { readBody } from './read-body.js';
import { answer, OPEN_PATHS, type ApiReply } from './routes.js';
import type { ServedModel } from './served-model.js';

/** Where and for whom a model is served. */
export interface ServeSettings {
  readonly model: ServedModel;
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Any of them opens; null lets everybody in. */
  readonly tokens: readonly string[] | null;
  readonly mostBodyBytes?: number;
  /** Told why an answer failed, where the client is not. */
  readonly onError?: (message: string) => void;
}

/** A server that runs. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, and resolves when those under way are answered; after `graceMs` they are stopped. */
  readonly close: (graceMs?: number) => Promise<void>;
}

const SWEEP_MS = 50;
const LAST_WORDS_MS = 500;

const writeJson = (response: ServerResponse, status: number, json: object): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(json));
};

/** Waits until the client has taken what was written, or left. */
const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });

/** Writes server-sent events. The first object is awaited before the status: a request that is wrong gets a status that says so. */
async function writeEvents(
  response: ServerResponse,
  events: AsyncGenerator<object, void, undefined>,
  failed: (cause: unknown) => ApiError,
): Promise<void> {
  let next = await events.next();
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  try {
    for (; next.done !== true; next = await events.next()) {
      if (response.destroyed) return;
      if (!response.write(`data: ${JSON.stringify(next.value)}\n\n`)) await drained(response);
    }
    response.end('data: [DONE]\n\n');
  } catch (cause) {
    // Too late for a status. Without [DONE] nobody takes it for a whole answer.
    response.end(`data: ${JSON.stringify(failed(cause).body)}\n\n`);
  } finally {
    await events.return();
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      reject(
        new EndpointError(
          taken
            ? `port ${port} of ${host} is in use`
            : `cannot listen at ${host}:${port}: ${cause.message}`,
          {
            field: taken ? '--port' : '--host',
            value: taken ? port : host,
            retryable: false,
            remedy: taken
              ? 'Give another --port, or --port 0 for any that is free.'
              : 'Give the address of an interface of this machine, such as 127.0.0.1.',
            cause,
          },
        ),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Serves a model over HTTP.
 *
 * @throws EndpointError when the port is in use or the host is none of this machine
 */
export async function startServer(settings: ServeSettings): Promise<RunningServer> {
  const { model, host, tokens, mostBodyBytes, onError } = settings;
  const allowed = bearerCheck(tokens);
  const stopping = new AbortController();

  const failed = (cause: unknown): ApiError => {
    const told = apiError(cause);
    if (told !== cause && told.status >= 500)
      onError?.(cause instanceof Error ? cause.message : String(cause));
    return told;
  };

  const reply = (request: IncomingMessage, id: string, left: AbortSignal): Promise<ApiReply> => {
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    if (!OPEN_PATHS.has(path) && !allowed(request.headers.authorization)) {
      throw new ApiError(401, 'no token, or a wrong one: send Authorization: Bearer TOKEN', {
        code: 'invalid_api_key',
      });
    }
    // A page from elsewhere whose name was made to lead here would otherwise ask as one of this machine.
    if (tokens === null && isLoopback(host) && !namesLoopback(request.headers.host))
      throw new ApiError(403, 'without a token, ask at 127.0.0.1 or localhost');
    return answer(
      {
        method: request.method ?? 'GET',
        path,
        body: () => readBody(request, mostBodyBytes),
        id,
        signal: AbortSignal.any([left, stopping.signal]),
        now: Math.floor(Date.now() / 1000),
      },
      model,
    );
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = randomUUID().replaceAll('-', '');
    const left = new AbortController();
    response.on('close', () => left.abort());
    response.setHeader('x-request-id', id);
    try {
      const given = await reply(request, id, left.signal);
      if ('json' in given) writeJson(response, 200, given.json);
      else await writeEvents(response, given.events, failed);
    } catch (cause) {
      if (response.destroyed || left.signal.aborted) return;
      const { status, body } = failed(cause);
      // What was not read of a body is not taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      if (status === 401) response.setHeader('www-authenticate', 'Bearer');
      writeJson(response, status, body);
    }
  };

  const server = createServer((request, response) => void handle(request, response));
  const port = await listen(server, host, settings.port);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close: async (graceMs = 10_000) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A connection may turn idle, or be opened ahead of a request, after the server was told to close.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
      const timers = [
        setTimeout(() => stopping.abort(), graceMs),
        // Who was stopped is still told so.
        setTimeout(() => server.closeAllConnections(), graceMs + LAST_WORDS_MS),
      ];
      await closed;
      clearInterval(sweep);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
