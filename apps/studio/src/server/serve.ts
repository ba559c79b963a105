import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { InvalidInputError } from '@spark-rl/core';

import type { Library } from './library.js';
import { requestHandler, type Asset } from './request-handler.js';

/** A studio that is being served. */
export interface RunningStudio {
  /** Where it is, such as `http://127.0.0.1:7700/`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? new InvalidInputError(`port ${port} is in use`, {
              field: '--port',
              value: port,
              remedy: 'Choose another one with --port, or 0 for any that is free.',
              cause,
            })
          : cause,
      );
    });
    // Only this machine: runs hold prompts and commands that are nobody else's business.
    server.listen(port, '127.0.0.1', resolve);
  });

/**
 * Serves the studio to this machine only.
 *
 * @param port - 0 chooses a free one
 */
export async function serveStudio(
  library: Library,
  assets: ReadonlyMap<string, Asset>,
  port: number,
): Promise<RunningStudio> {
  const server = createServer(requestHandler(library, assets));
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
