import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server does with its nth request, from 0. */
export type Behaviour = (
  nth: number,
  body: unknown,
  response: ServerResponse,
  request: IncomingMessage,
) => void;

export const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

/** A real server on 127.0.0.1 that behaves as it is told. */
export async function startServer(behaviour: Behaviour): Promise<{
  readonly url: string;
  readonly requests: () => number;
  readonly mostAtOnce: () => number;
  readonly close: () => Promise<void>;
}> {
  let requests = 0;
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    const nth = requests++;
    most = Math.max(most, ++open);
    response.on('close', () => open--);
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      try {
        behaviour(nth, JSON.parse(text), response, request);
      } catch (cause) {
        // A failed expectation in a behaviour: an answer that no client tries again after.
        json(response, { problem: String(cause) }, 418);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
