import { connect } from 'node:net';

import { AbortedError, onAbort, SparkError, throwIfAborted } from '@spark-rl/core';

import { SimulatorGoneError, SimulatorTimeoutError } from './errors.js';
import { lineReader } from './line-reader.js';

/** Where to connect, and what happens when it breaks. */
export interface ConnectionOptions {
  readonly port: number;
  /** How long connecting may take, ms. */
  readonly connectMs: number;
  /** A reply with more bytes than this is an error. */
  readonly longestReply: number;
  /** Called once, when the connection has failed; not when it is closed. */
  readonly onBroken: () => void;
  /** Tells in words why the connection may have ended, for messages. */
  readonly explain: () => Promise<string>;
}

/** How one exchange is bounded. */
export interface ExchangeOptions {
  /** What is asked, for messages. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A connection that carries one request at a time: the next is made when the one before has been answered. */
export interface GatewayConnection {
  /** Sends a request and gives the line that answers it. After any failure every further exchange fails. */
  readonly exchange: (request: string, options: ExchangeOptions) => Promise<string>;
  /** Refuses what is under way, and every further exchange, with `error` where one is given. */
  readonly close: (error?: unknown) => void;
}

interface Pending {
  readonly answer: (line: string) => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * Connects to a gateway on this machine.
 *
 * A request that was sent cannot be taken back, so a time-out or an abort while it is under way breaks the connection for good: the
 * late reply would otherwise be taken for the answer to the next request. What arrives while nothing was asked is dropped: the
 * gateway says one line more when it shuts down.
 *
 * @throws SimulatorGoneError or SimulatorTimeoutError when nobody listens there
 */
export async function connectGateway(options: ConnectionOptions): Promise<GatewayConnection> {
  const { port, connectMs, longestReply, onBroken, explain } = options;
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let pending: Pending | undefined;
  let broken: unknown;

  const fail = (error: unknown, tell = true): void => {
    if (broken !== undefined) return;
    broken = error;
    pending?.refuse(error);
    pending = undefined;
    socket.destroy();
    if (tell) onBroken();
  };
  const gone = (what: string): void => {
    if (broken !== undefined) return;
    void explain().then((why) =>
      fail(new SimulatorGoneError(`the connection to the simulator ${what}: ${why}`)),
    );
  };

  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      socket.destroy();
      reject(
        new SimulatorTimeoutError(`the simulator took no connection within ${connectMs} ms`, {
          field: 'port',
          value: port,
        }),
      );
    }, connectMs);
    socket.once('connect', () => {
      clearTimeout(late);
      resolve();
    });
    socket.on('error', (error) => {
      clearTimeout(late);
      reject(
        new SimulatorGoneError(`the simulator takes no connection: ${error.message}`, {
          field: 'port',
          value: port,
          cause: error,
        }),
      );
      gone(`broke (${error.message})`);
    });
    socket.once('close', () => gone('was closed'));
  });

  const read = lineReader(longestReply);
  socket.on('data', (chunk) => {
    try {
      for (const line of read(chunk)) {
        const answered = pending;
        pending = undefined;
        answered?.answer(line);
      }
    } catch (error) {
      fail(error);
    }
  });

  const send = (request: string, { what, timeoutMs, signal }: ExchangeOptions): Promise<string> =>
    new Promise((resolve, reject) => {
      throwIfAborted(signal);
      if (broken !== undefined) {
        const why = broken instanceof SparkError ? broken.message : 'it was closed';
        throw new SimulatorGoneError(`${what}: the simulator was given up before: ${why}`, {
          cause: broken,
          remedy: 'Start another; one that failed is not used again.',
        });
      }
      const late = setTimeout(
        () =>
          fail(
            new SimulatorTimeoutError(`${what}: no answer within ${timeoutMs} ms`, {
              field: 'requestMs',
              value: timeoutMs,
              remedy: 'Allow more time, or see what keeps the simulator busy.',
            }),
          ),
        timeoutMs,
      );
      const forget = onAbort(signal, () => fail(new AbortedError()));
      const end = (): void => {
        clearTimeout(late);
        forget();
      };
      pending = {
        answer: (line) => {
          end();
          resolve(line);
        },
        refuse: (error) => {
          end();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      socket.write(request);
    });

  return {
    exchange: send,
    close: (error) => fail(error ?? new SimulatorGoneError('the simulator was closed'), false),
  };
}
