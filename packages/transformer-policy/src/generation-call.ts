import {
  AbortedError,
  onAbort,
  PolicyError,
  randomSource,
  type Generation,
  type GenerationRequest,
  type TokenLogProb,
} from '@spark-rl/core';

import { sampleToken, type DrawOptions } from './sampling/sample-token.js';
import type { Tokenizer } from './tokenizer.js';

/** One call of `generate`, from its prompt to its answer. */
export interface GenerationCall {
  readonly prompt: Int32Array;
  /** The prompt and the response so far; the first `length()` entries count. */
  readonly tokens: Int32Array;
  readonly length: () => number;
  /** Settles when the call ends. */
  readonly result: Promise<Generation>;
  /** Whether it has ended; whoever holds a place for it should give it up. */
  readonly settled: () => boolean;
  /** Draws the next token. Ends the call when it is the last one, and returns whether it was. */
  readonly accept: (logits: Float32Array) => boolean;
  readonly fail: (error: Error) => void;
  /** How many prompt tokens came from the prefix cache; set when the call is admitted. */
  cached: number;
}

/** What a call needs to know of its policy. */
interface CallContext {
  readonly tokenizer: Tokenizer;
  readonly contextLength: number;
  readonly version: string;
}

/** Starts a call. The prompt leaves room for at least one token. */
export function generationCall(
  request: GenerationRequest,
  prompt: Int32Array,
  context: CallContext,
): GenerationCall {
  const { sampling, want, signal } = request;
  const { tokenizer } = context;
  const limit = Math.min(prompt.length + sampling.maxTokens, context.contextLength);
  const tokens = new Int32Array(limit);
  tokens.set(prompt);
  let length = prompt.length;
  const logProbs: number[] = [];
  const entropies: number[] = [];
  const top: (readonly TokenLogProb[])[] = [];
  const draw: DrawOptions = {
    temperature: sampling.temperature,
    uniform: randomSource(request.key).uniform,
    entropy: want?.entropies ?? false,
    top: want?.topLogProbs ?? 0,
  };

  let ended = false;
  let resolve: (generation: Generation) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const result = new Promise<Generation>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  const abort = (): void => {
    fail(new AbortedError('the response was stopped', { cause: signal?.reason }));
  };
  const end = (): void => {
    ended = true;
    stopListening();
  };
  const fail = (error: Error): void => {
    if (ended) return;
    end();
    reject(error);
  };
  const stopListening = onAbort(signal, abort);
  if (signal?.aborted) abort();

  const finish = (reason: 'stop' | 'length'): void => {
    const response = tokens.slice(prompt.length, length);
    const spoken = reason === 'stop' ? response.subarray(0, -1) : response;
    end();
    resolve({
      text: tokenizer.decode(spoken),
      policyVersion: context.version,
      finish: reason,
      promptTokens: prompt,
      responseTokens: response,
      logProbs: Float32Array.from(logProbs),
      ...(draw.entropy ? { entropies: Float32Array.from(entropies) } : {}),
      ...(draw.top > 0 ? { topLogProbs: top } : {}),
      cachedPromptTokens: call.cached,
    });
  };

  const call: GenerationCall = {
    prompt,
    tokens,
    length: () => length,
    result,
    settled: () => ended,
    accept: (logits) => {
      if (ended) return true;
      const drawn = sampleToken(logits, draw);
      if (drawn === null) {
        fail(
          new PolicyError(
            `version ${context.version} of the weights gives logits that are not finite`,
            {
              remedy: 'Go back to an earlier checkpoint, and train with a smaller learning rate',
            },
          ),
        );
        return true;
      }
      tokens[length++] = drawn.token;
      logProbs.push(drawn.logProb);
      if (drawn.entropy !== undefined) entropies.push(drawn.entropy);
      if (drawn.top !== undefined) top.push(drawn.top);
      if (tokenizer.endTokens.has(drawn.token)) finish('stop');
      else if (length === limit) finish('length');
      return ended;
    },
    fail,
    cached: 0,
  };
  return call;
}
