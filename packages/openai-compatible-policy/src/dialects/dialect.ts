import type { GenerationWants, JsonValue, Message, RandomKey, Sampling } from '@spark-rl/core';

import type { Wire, WireCall, WireContext, WireQuery } from '../transport/wire-call.js';

/** What is to be continued: token ids, or, where the server takes none, messages. */
export type AskedPrompt =
  | { readonly kind: 'tokens'; readonly tokens: Int32Array }
  | { readonly kind: 'messages'; readonly messages: readonly Message[] };

/** One response that is asked for. */
export interface Ask {
  readonly prompt: AskedPrompt;
  readonly model: string;
  readonly sampling: Sampling;
  /** In [0, 2^31). */
  readonly seed: number;
  /** What the seed was drawn from. */
  readonly key: RandomKey;
  readonly want: GenerationWants;
}

/** A response as a server told it. */
export interface Sampled {
  readonly text: string;
  readonly finish: 'stop' | 'length' | 'aborted';
  readonly cachedPromptTokens: number;
  /** What the server counted, where it did. */
  readonly usage: { readonly prompt?: number | undefined; readonly response?: number | undefined };
  /** Absent where the server tells no tokens. */
  readonly tokens?: SampledTokens;
}

/** The tokens of a response; T is their number. */
export interface SampledTokens {
  /** The prompt as the server read it, where it says so. */
  readonly prompt?: readonly number[] | undefined;
  readonly response: readonly number[];
  /** Of the distribution sampled from, shape [T], nats. */
  readonly logProbs: readonly number[];
  /** The ids as the server names them beside the log-probabilities, where it does; shape [T]. */
  readonly named?: readonly (number | undefined)[] | undefined;
  /** What the server writes for each token, where it tells; shape [T]. */
  readonly texts?: readonly (string | undefined)[] | undefined;
  readonly top?: readonly (readonly { readonly token: number; readonly logProb: number }[])[];
}

/** What every dialect is told of the server. */
export interface DialectOptions {
  /** Further fields of the request. */
  readonly extra: Readonly<Record<string, JsonValue>>;
  /** Fields that are left out of the request, since this server refuses them. */
  readonly omit: readonly string[];
  /** Whether the answer is read as a stream. */
  readonly stream: boolean;
  /** Whether special tokens are left out of the text. */
  readonly skipSpecialTokens: boolean;
  /** What vLLM's `--logprobs-mode` is. */
  readonly logProbsMode: 'raw' | 'processed';
  /** Whether the key itself is sent, as `spark: { key }`. */
  readonly sendKey: boolean;
  /** What the most tokens of a response is called. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
}

/** How one kind of server is spoken to. */
export interface Dialect {
  /** Answers with status 200 when the server is well. */
  readonly health: WireCall;
  /** Why these settings cannot be sampled exactly here; undefined when they can. Asked only where tokens are wanted. */
  readonly inexact: (sampling: Sampling) => string | undefined;
  readonly respond: (ask: Ask) => WireQuery<Sampled>;
  /** The tokens of a text, without those that begin or end a sequence; absent where the server has no tokenizer to offer. */
  readonly encode?: (text: string, model: string) => WireQuery<Int32Array>;
  /** The tokens of a chat up to where the assistant goes on. */
  readonly encodeMessages?: (
    messages: readonly Message[],
    model: string,
    wire: Wire,
    context: WireContext,
  ) => Promise<Int32Array>;
}
