import type { ParsedResponse, Policy } from '@spark-rl/core';
import type { Tokenizer } from '@spark-rl/transformer-policy';

/** What the protocol needs of a tokenizer. */
export type ServedTokenizer = Pick<
  Tokenizer,
  | 'encode'
  | 'decode'
  | 'streamDecoder'
  | 'endTokens'
  | 'beginOfSequence'
  | 'renderMessages'
  | 'hasChatTemplate'
>;

/** A policy that answers requests, and what the protocol says about it. */
export interface ServedModel {
  /** What requests call it. */
  readonly name: string;
  readonly policy: Policy;
  /** When it was opened, in seconds since 1970: the protocol's `created`. */
  readonly created: number;
  /** The most tokens of prompt and response together, where that is known. */
  readonly contextLength?: number;
  /** Absent where the policy has none to show: then tokens have numbers and no texts, and there is no `/tokenize`. */
  readonly tokenizer?: ServedTokenizer;
  /** Takes a response apart: who votes has to know the action, and whether the agent explores. */
  readonly parse: (text: string) => ParsedResponse;
}
