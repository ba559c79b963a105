import { EndpointError } from '@spark-rl/core';
import { callQueue } from '@spark-rl/core/endpoint';
import { Pool } from 'undici';

import { exchange, type Line } from '../transport/exchange.js';
import type { Redact } from '../transport/redactor.js';
import type { TimeLimits } from '../transport/time-limits.js';
import type { WireCall, WireQuery } from '../transport/wire-call.js';

/** How a server does. `refused` is for good: it cannot be trusted any more. */
export type ServerStatus = 'up' | 'down' | 'refused';

/** What is known of a server, for those who watch. */
export interface ServerView {
  /** Without credentials and query. */
  readonly url: string;
  readonly status: ServerStatus;
  readonly callsInFlight: number;
  readonly tokensInFlight: number;
  /** Trees that stay with it. */
  readonly trees: number;
  /** Calls that it answered. */
  readonly answered: number;
  /** Tries that failed there. */
  readonly failed: number;
}

/** One server: the way to it, and how it does. */
export interface Server {
  readonly url: string;
  readonly view: () => ServerView;
  /** Until when it asked not to be called; a time of `performance.now()`. */
  readonly busyUntil: () => number;
  /** Counts trees that come to stay (1) or leave (-1). */
  readonly adopt: (trees: number) => void;
  readonly call: <Value>(
    query: WireQuery<Value>,
    tokens: number,
    signal: AbortSignal | undefined,
    /** Awaited when the call has waited for its place and is about to be sent; what it throws ends the call. */
    ready?: () => Promise<void>,
  ) => Promise<Value>;
  /** Puts it out of service for good. */
  readonly refuse: (why: Error) => void;
  readonly refusal: () => Error | undefined;
  readonly close: () => Promise<void>;
}

/** What servers are made with. */
export interface ServerOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: TimeLimits;
  /** The most calls under way at once. */
  readonly concurrency: number;
  readonly redact: Redact;
  readonly health: { readonly call: WireCall; readonly everyMs: number };
  /** Told before a server that was down is used again; a failure keeps it down. */
  readonly onRecovery: (server: Server) => Promise<void>;
}

/** Whether a failure says that the server is not there, rather than that it did not like a call. */
const isAbsence = ({ status, field }: EndpointError): boolean =>
  field === 'url' || (status !== undefined && [502, 503, 504].includes(status));

/** Failures in a row after which a server that answers with errors counts as down. */
const FAILURES_IN_A_ROW = 3;

/**
 * Opens a server: a pool of connections, a queue before it, and a health check that runs only while it is down.
 *
 * @param url - its root; `/v1` at its end is taken off
 */
export function openServer(url: URL, options: ServerOptions): Server {
  const { limits, redact, health, concurrency } = options;
  const pool = new Pool(url.origin, {
    connections: concurrency,
    connect: { timeout: limits.connectMs },
    pipelining: 1,
  });
  const prefix = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  const line: Line = {
    dispatcher: pool,
    origin: url.origin,
    prefix,
    headers: options.headers,
    limits,
    redact,
  };
  const inTurn = callQueue(concurrency);
  let status: ServerStatus = 'up';
  let why: Error | undefined;
  let busyUntil = 0;
  let failuresInARow = 0;
  let closed = false;
  let checking: NodeJS.Timeout | undefined;
  const counts = { calls: 0, tokens: 0, trees: 0, answered: 0, failed: 0 };

  const checkSoon = (): void => {
    if (checking !== undefined || status !== 'down' || closed) return;
    checking = setTimeout(() => void check(), health.everyMs);
    // A server that is down must not keep the process alive.
    checking.unref();
  };
  const check = async (): Promise<void> => {
    const short = Math.min(limits.totalMs, Math.max(1000, health.everyMs));
    const patience = { ...limits, headersMs: short, totalMs: short };
    try {
      // Health is said by the status; some servers send no body, so nothing is read.
      await exchange({ ...line, limits: patience }, healthQuery(health.call), undefined);
      await options.onRecovery(server);
      if (status === 'down') status = 'up';
      failuresInARow = 0;
    } catch {
      // Still down.
    }
    checking = undefined;
    checkSoon();
  };
  const failed = (cause: unknown): void => {
    if (!(cause instanceof EndpointError)) return;
    counts.failed++;
    if (cause.status === 429)
      busyUntil = Math.max(busyUntil, performance.now() + (cause.retryAfterMs ?? 0));
    else if (cause.retryable) failuresInARow++;
    if (status === 'up' && (isAbsence(cause) || failuresInARow >= FAILURES_IN_A_ROW)) {
      status = 'down';
      checkSoon();
    }
  };

  const server: Server = {
    url: `${url.origin}${prefix}`,
    busyUntil: () => busyUntil,
    adopt: (trees) => {
      counts.trees += trees;
    },
    call: async (query, tokens, signal, ready) => {
      counts.calls++;
      counts.tokens += tokens;
      try {
        return await inTurn(async () => {
          await ready?.();
          // Counted before the place is handed on: who gets it must know.
          try {
            const value = await exchange(line, query, signal);
            counts.answered++;
            failuresInARow = 0;
            if (status === 'down') status = 'up';
            return value;
          } catch (cause) {
            failed(cause);
            throw cause;
          }
        }, signal);
      } finally {
        counts.calls--;
        counts.tokens -= tokens;
      }
    },
    refuse: (reason) => {
      status = 'refused';
      why = reason;
    },
    refusal: () => why,
    view: () => ({
      url: `${url.origin}${prefix}`,
      status,
      callsInFlight: counts.calls,
      tokensInFlight: counts.tokens,
      trees: counts.trees,
      answered: counts.answered,
      failed: counts.failed,
    }),
    close: async () => {
      closed = true;
      clearTimeout(checking);
      await pool.destroy();
    },
  };
  return server;
}

const healthQuery = (call: WireCall): WireQuery<null> => ({
  // Not JSON: the body of vLLM's answer is empty.
  call: { ...call, answer: 'text' },
  read: () => null,
});
