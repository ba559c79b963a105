import type { IncomingMessage } from 'node:http';

import { ApiError } from './api-error.js';

/** The largest body that is read: a long chat with room to spare, and far from filling the memory. */
export const MOST_BODY_BYTES = 16 * 2 ** 20;

/**
 * Reads a JSON body.
 *
 * @throws ApiError when it is too large, no JSON, or not said to be JSON: a page in a browser may send anything else without asking
 */
export async function readBody(request: IncomingMessage, most = MOST_BODY_BYTES): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new ApiError(415, 'the body must be application/json');
  const tooLarge = (): ApiError =>
    new ApiError(413, `the body is larger than ${most} bytes; send less at once`);
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)),
    ) as unknown;
  } catch {
    throw new ApiError(400, 'the body is not JSON in UTF-8');
  }
}
