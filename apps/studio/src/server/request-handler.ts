import type { IncomingMessage, ServerResponse } from 'node:http';

import { InvalidInputError } from '@spark-rl/core';

import { messageOf } from './json-file.js';
import type { Library } from './library.js';
import { answer } from './routes.js';

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Sent with every answer. The page may load nothing from elsewhere, and no other page may look into it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** Names that this machine has for itself. Any other is a page elsewhere that had its own name point here (DNS rebinding). */
const isLoopback = (host: string | undefined): boolean =>
  /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? '');

/**
 * Answers requests: data below `/api`, and the files of the page by their exact names. No part of a request becomes the path of a file
 * except through the library, which stays in its folder.
 *
 * @param assets - by path, `/` among them
 */
export function requestHandler(
  library: Library,
  assets: ReadonlyMap<string, Asset>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const send = (status: number, type: string, body: string | Uint8Array): void => {
      response.writeHead(status, { ...SECURITY_HEADERS, 'Content-Type': type });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const sendJson = (status: number, value: unknown): void =>
      send(status, 'application/json; charset=utf-8', JSON.stringify(value));

    if (!isLoopback(request.headers.host))
      return sendJson(403, { error: 'open the studio by the address that the command printed' });
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return sendJson(405, { error: 'the studio only reads' });
    const url = new URL(request.url ?? '/', 'http://localhost');
    const asset = assets.get(url.pathname);
    if (asset !== undefined) return send(200, asset.type, asset.bytes);
    if (!url.pathname.startsWith('/api/')) return sendJson(404, { error: 'there is no such page' });
    answer(library, url.pathname, url.searchParams).then(
      (value) => sendJson(200, value),
      (cause: unknown) =>
        sendJson(cause instanceof InvalidInputError ? 404 : 500, { error: messageOf(cause) }),
    );
  };
}
