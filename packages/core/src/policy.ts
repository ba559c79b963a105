import type { RandomKey } from './random.js';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/**
 * A piece of an append-only transcript. `tokens` are ids that the policy itself returned on an earlier turn: they are used as
 * they are and never tokenised again, so what is trained is exactly what was sampled.
 */
export type TranscriptSegment = { readonly text: string } | { readonly tokens: Int32Array };

/** What the policy is asked to continue. */
export type Prompt =
  | { readonly kind: 'messages'; readonly messages: readonly Message[] }
  | { readonly kind: 'transcript'; readonly segments: readonly TranscriptSegment[] };

/**
 * How a response is drawn. The constraint, `topK`, `topP` and `minP` narrow the distribution, in that order after the temperature; what they
 * leave is renormalised. A response drawn with any of them carries `logKept`, and learners refuse it.
 */
export interface Sampling {
  /** 0 is greedy; 1 samples from the model's own distribution. Range [0, 2]. */
  readonly temperature: number;
  /** The most tokens a response may have, end-of-sequence included. */
  readonly maxTokens: number;
  /** Draws from the `topK` likeliest tokens only; at least 1. */
  readonly topK?: number | undefined;
  /** Draws from the fewest likeliest tokens that have this probability together; in (0, 1], 1 keeps all. */
  readonly topP?: number | undefined;
  /** Draws from the tokens that have at least this share of the likeliest one's probability; in [0, 1], 0 keeps all. */
  readonly minP?: number | undefined;
  /**
   * The response ends as soon as its text holds one of these. The text then ends before it (see `includeStop`); `responseTokens` and
   * `logProbs` stay exactly what was sampled, the stop string and what its last token holds beyond it included.
   */
  readonly stop?: readonly string[] | undefined;
  /** Whether the text keeps the stop string that ended it, as a grammar with closing tags needs; false by default. */
  readonly includeStop?: boolean | undefined;
  /** The response, when it finishes with `stop`, is a text of this language. */
  readonly constraint?: TextConstraint | undefined;
}

/**
 * A language of texts that responses are held to: an automaton that reads UTF-8 byte by byte. States are whole numbers. From every
 * state that `next` leads to, some continuation ends in a state that `accepts`.
 */
export interface TextConstraint {
  /** Names the language, for records. */
  readonly id: string;
  readonly start: number;
  /** The state after one more byte (0 to 255), or -1 when no text of the language goes on so. */
  readonly next: (state: number, byte: number) => number;
  /** Whether the text that led here is in the language. */
  readonly accepts: (state: number) => boolean;
}

export interface GenerationRequest {
  readonly prompt: Prompt;
  readonly sampling: Sampling;
  /** Names the random stream of this response: the same key and prompt give the same response. */
  readonly key: RandomKey;
  /** The tree that this call belongs to: calls with the same affinity share prefixes. */
  readonly affinity: string;
  readonly want?: GenerationWants;
  /**
   * Told every response token as soon as it is drawn, the end-of-sequence token too, for whoever shows a response while it grows. A policy
   * that cannot tell leaves it out: the whole response follows in any case. It must not throw.
   */
  readonly onToken?: (token: SampledToken) => void;
  readonly signal?: AbortSignal;
}

/** A response token at the moment it is drawn, with what {@link Generation} will say of it. */
export interface SampledToken extends TokenLogProb {
  /** The likeliest alternatives, where they were asked for. */
  readonly top?: readonly TokenLogProb[];
}

/** What a caller wants beside the response; asked only when something reads it. */
export interface GenerationWants {
  readonly entropies?: boolean;
  /** How many of the likeliest alternatives to report at each position. */
  readonly topLogProbs?: number;
}

export interface TokenLogProb {
  readonly token: number;
  readonly logProb: number;
}

/** A response, and exactly what was sampled. T is the number of response tokens. */
export interface Generation {
  readonly text: string;
  /** The version of the weights that sampled it. */
  readonly policyVersion: string;
  readonly finish: 'stop' | 'length' | 'aborted';
  /** The token ids of the whole prompt. */
  readonly promptTokens: Int32Array;
  /** The token ids of the response, shape [T]; the end-of-sequence token is one of them. */
  readonly responseTokens: Int32Array;
  /**
   * Log-probability of each response token under the distribution sampled from (temperature applied, narrowed and renormalised as
   * {@link Sampling} says), shape [T], nats.
   */
  readonly logProbs: Float32Array;
  /**
   * Present when the response was not drawn from the model's whole distribution (top-k, top-p, min-p, a constraint): the log of the
   * probability that the kept tokens have under it at each position, shape [T], nats, at most 0. `logProbs + logKept` are the
   * log-probabilities under the whole softmax at the temperature. Learners, which compute those, refuse such responses.
   */
  readonly logKept?: Float32Array;
  /** Entropy of that distribution at each position, shape [T], nats. */
  readonly entropies?: Float32Array;
  readonly topLogProbs?: readonly (readonly TokenLogProb[])[];
  /** How many prompt tokens came from a prefix cache. */
  readonly cachedPromptTokens: number;
}

/** Samples responses, and tells what it sampled. One call, one response; a policy batches waiting calls by itself. */
export interface Policy {
  readonly id: string;
  readonly generate: (request: GenerationRequest) => Promise<Generation>;
}
