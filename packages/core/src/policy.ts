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

export interface Sampling {
  /** 0 is greedy; 1 samples from the model's own distribution. Range [0, 2]. */
  readonly temperature: number;
  /** The most tokens a response may have, end-of-sequence included. */
  readonly maxTokens: number;
}

export interface GenerationRequest {
  readonly prompt: Prompt;
  readonly sampling: Sampling;
  /** Names the random stream of this response: the same key and prompt give the same response. */
  readonly key: RandomKey;
  /** The tree that this call belongs to: calls with the same affinity share prefixes. */
  readonly affinity: string;
  readonly want?: GenerationWants;
  readonly signal?: AbortSignal;
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
  /** Log-probability of each response token under the distribution sampled from (temperature applied), shape [T], nats. */
  readonly logProbs: Float32Array;
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
