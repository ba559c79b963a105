import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { EndpointError } from '@spark-rl/core';
import { LONGEST_FORM, type ShopSite } from '@spark-rl/env-webshop';

/** A site that is served. */
export interface ServedSite {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The form that was sent; null when it is longer than any that the pages send. */
async function readForm(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_FORM) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const plain = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${text}\n`);
};

async function answer(
  site: ShopSite,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = request;
  const form = method === 'POST' ? await readForm(request) : '';
  if (form === null) return plain(response, 413, 'The form is too long.');
  const fetchSite = headers['sec-fetch-site'];
  const reply = site.handle({
    method,
    url,
    body: form,
    ...(typeof fetchSite === 'string' && { fetchSite }),
  });
  response.writeHead(reply.status, {
    ...reply.headers,
    'content-length': Buffer.byteLength(reply.body),
  });
  response.end(method === 'HEAD' ? undefined : reply.body);
}

/**
 * Serves a site over HTTP.
 *
 * @param port - 0 takes any that is free
 * @param onError - told what failed while a page was made; the browser is told only that something did
 * @throws EndpointError when the port is in use or the host is none of this machine
 */
export async function serveSite(
  site: ShopSite,
  {
    host,
    port,
    onError,
  }: {
    readonly host: string;
    readonly port: number;
    readonly onError: (message: string) => void;
  },
): Promise<ServedSite> {
  const server = createServer((request, response) => {
    answer(site, request, response).catch((cause: unknown) => {
      if (request.errored !== null || response.destroyed) return;
      onError(cause instanceof Error ? cause.message : String(cause));
      if (response.headersSent) response.destroy();
      else plain(response, 500, 'The page could not be made.');
    });
  });
  server.requestTimeout = 30_000;
  const free = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      reject(
        new EndpointError(
          taken ? `port ${port} of ${host} is in use` : `cannot listen at ${host}:${port}`,
          {
            field: taken ? '--port' : '--host',
            value: taken ? port : host,
            retryable: false,
            remedy: taken
              ? 'Give another --port, or --port 0 for any that is free.'
              : 'Give the address of an interface of this machine, such as 127.0.0.1, and a port that you may use.',
            cause,
          },
        ),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${free}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
