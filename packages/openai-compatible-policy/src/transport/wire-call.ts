import type { JsonValue, RandomKey } from '@spark-rl/core';

/** A call to a server, as JSON. Nothing secret is in it: keys travel in headers, which no record holds. */
export interface WireCall {
  readonly method: 'GET' | 'POST';
  /** From the root of the server: `/v1/completions`. */
  readonly path: string;
  /** Sent as JSON; null for GET. */
  readonly body: JsonValue;
  /** What the answer is: JSON by default; `events` are server-sent, read as the array of their data; `text` is read as it is. */
  readonly answer?: 'json' | 'events' | 'text';
}

/** For whom a call is made, and how. */
export interface WireContext {
  /** Names the randomness of the waiting times between tries, and orders calls that are alike. */
  readonly key: RandomKey;
  /** Calls with the same affinity go to the same server. */
  readonly affinity: string;
  /** How many tokens the call keeps a server busy with: those of the prompt and the most it may answer. */
  readonly tokens: number;
  readonly signal?: AbortSignal | undefined;
}

/** A call, and how its answer is taken apart. */
export interface WireQuery<Value> {
  readonly call: WireCall;
  /** Throws an InvalidInputError where the answer is not what the server's API promises. */
  readonly read: (answer: JsonValue) => Value;
}

/** Carries calls to a server and gives their answers back, read. */
export type Wire = <Value>(query: WireQuery<Value>, context: WireContext) => Promise<Value>;
