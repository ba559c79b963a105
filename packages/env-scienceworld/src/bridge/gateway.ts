import { setTimeout as wait } from 'node:timers/promises';

import { AbortedError, showValue, type CallOptions } from '@spark-rl/core';

import { GatewayProtocolError, JavaError, SimulatorLaunchError } from './errors.js';
import { connectGateway, type GatewayConnection } from './gateway-connection.js';
import {
  decodeReply,
  encodeCall,
  encodeConstruct,
  encodeRelease,
  encodeStackTrace,
  JAVA_STRING,
  type GatewayArgument,
  type GatewayReference,
  type GatewayValue,
} from './gateway-protocol.js';
import { startGatewayProcess, type GatewayProcess, type ProcessOptions } from './java-process.js';

/** What a gateway is started with. */
export interface GatewayOptions extends ProcessOptions {
  /** How long one request may take, ms. */
  readonly requestMs: number;
  /** How long the process may take to end by itself when it is closed, ms. */
  readonly closeMs: number;
}

/** One call of the gateway. */
export interface GatewayCall extends CallOptions {
  /** Instead of the gateway's own. */
  readonly timeoutMs?: number;
}

/** A process that holds Java objects, and the connection to it. Whatever fails ends the process. */
export interface Gateway {
  readonly pid: number;
  /** Settles when the process has ended. */
  readonly ended: Promise<string>;
  readonly construct: (className: string, call?: GatewayCall) => Promise<GatewayReference>;
  /** Calls a method of an object, or a static one of `z:` and a class's full name. */
  readonly call: (
    target: GatewayReference | string,
    method: string,
    args?: readonly GatewayArgument[],
    call?: GatewayCall,
  ) => Promise<GatewayValue>;
  /** Calls a method that gives a list of texts without line breaks; reads it in one further request, and frees it. */
  readonly callForTexts: (
    target: GatewayReference,
    method: string,
    call?: GatewayCall,
  ) => Promise<readonly string[]>;
  /** Ends the process, kindly at first. */
  readonly close: () => Promise<void>;
}

/** A reply of 3,000 actions has about 150 kB. */
const LONGEST_REPLY = 64 * 1024 * 1024;
/** How long a broken connection waits for the word of how the process ended, ms. */
const LAST_WORD_MS = 500;

const isReference = (value: GatewayValue): value is GatewayReference =>
  typeof value === 'object' && value !== null;

/**
 * Starts a gateway process and connects to it. One request is under way at a time. After any failure (an exception in Java, an
 * answer that is none, a time-out, an abort, the process's end) the process is killed and every later call is refused: nobody
 * knows where it stands, so nothing is tried again.
 *
 * @throws SimulatorLaunchError, SimulatorTimeoutError, SimulatorGoneError, AbortedError
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { requestMs, closeMs, startMs, signal } = options;
  const process = await startGatewayProcess(options);
  const connection = await connectTo(process, startMs);
  const giveUp = (error: unknown): void => {
    connection.close(error);
    void process.close(0);
  };
  if (signal?.aborted === true) {
    await process.close(0);
    throw new AbortedError();
  }

  const exchangeNow = async (
    request: string,
    what: string,
    { signal: stop, timeoutMs = requestMs }: GatewayCall,
  ): Promise<GatewayValue> => {
    const bounds = { what, timeoutMs, signal: stop };
    const line = await connection.exchange(request, bounds);
    try {
      const reply = decodeReply(line);
      if (reply.ok) return reply.value;
      let trace = reply.error;
      if (typeof trace !== 'string') {
        const told = decodeReply(await connection.exchange(encodeStackTrace(trace), bounds));
        trace = told.ok && typeof told.value === 'string' ? told.value : `exception ${trace.ref}`;
      }
      throw new JavaError(`${what} threw ${trace.split('\n', 1)[0]!}`, trace);
    } catch (error) {
      giveUp(error);
      throw error;
    }
  };

  let last: Promise<unknown> = Promise.resolve();
  /** One request at a time, in the order of the calls; the stack trace of an exception belongs to the call that threw it. */
  const exchange = (
    request: string,
    what: string,
    options: GatewayCall = {},
  ): Promise<GatewayValue> => {
    const turn = last.then(() => exchangeNow(request, what, options));
    last = turn.catch(() => undefined);
    return turn;
  };

  /** Refuses a value of another type than was asked for, which means that requests and replies have come apart. */
  const unexpected = (what: string, wanted: string, value: GatewayValue): GatewayProtocolError => {
    const error = new GatewayProtocolError(`${what} gave ${showValue(value)}, not ${wanted}`, {
      value,
    });
    giveUp(error);
    return error;
  };

  const call: Gateway['call'] = (target, method, args = [], callOptions) =>
    exchange(
      encodeCall(typeof target === 'string' ? target : target.ref, method, args),
      method,
      callOptions,
    );

  return {
    pid: process.pid,
    ended: process.ended,
    construct: async (className, callOptions) => {
      const value = await exchange(encodeConstruct(className), className, callOptions);
      if (!isReference(value)) throw unexpected(className, 'an object', value);
      return value;
    },
    call,
    callForTexts: async (target, method, callOptions) => {
      const list = await call(target, method, [], callOptions);
      if (!isReference(list)) throw unexpected(method, 'a list', list);
      const text = await call(JAVA_STRING, 'join', ['\n', list], callOptions);
      await exchange(encodeRelease(list), 'freeing a list', callOptions);
      if (typeof text !== 'string') throw unexpected(method, 'texts', text);
      return text === '' ? [] : text.split('\n');
    },
    close: async () => {
      connection.close();
      await process.close(closeMs);
    },
  };
}

async function connectTo(process: GatewayProcess, connectMs: number): Promise<GatewayConnection> {
  try {
    return await connectGateway({
      port: process.port,
      connectMs,
      longestReply: LONGEST_REPLY,
      onBroken: () => void process.close(0),
      explain: () =>
        Promise.race([process.ended, wait(LAST_WORD_MS, 'its process still runs', { ref: false })]),
    });
  } catch (error) {
    await process.close(0);
    const reason = error instanceof Error ? error.message : showValue(error);
    throw new SimulatorLaunchError(`the simulator said port ${process.port}, but ${reason}`, {
      cause: error,
    });
  }
}
