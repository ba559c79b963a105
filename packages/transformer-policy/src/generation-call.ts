import {
  AbortedError,
  onAbort,
  PolicyError,
  randomSource,
  type Generation,
  type GenerationRequest,
  type TokenLogProb,
} from '@spark-rl/core';

import type { TokenConstraint } from './constraint/token-constraint.js';
import { narrows } from './sampling/sampling-schema.js';
import { sampleToken, type Draw, type DrawOptions } from './sampling/sample-token.js';
import { firstStop, stopWatch } from './sampling/stop-strings.js';
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
  /** What `sampling.constraint` allows, in tokens. */
  readonly constraint?: TokenConstraint | undefined;
}

/** Starts a call. The prompt leaves room for at least one token. */
export function generationCall(
  request: GenerationRequest,
  prompt: Int32Array,
  context: CallContext,
): GenerationCall {
  const { sampling, want, signal } = request;
  const { tokenizer, constraint } = context;
  const limit = Math.min(prompt.length + sampling.maxTokens, context.contextLength);
  const tokens = new Int32Array(limit);
  tokens.set(prompt);
  let length = prompt.length;
  const logProbs: number[] = [];
  const entropies: number[] = [];
  const top: (readonly TokenLogProb[])[] = [];
  const logKept: number[] = [];
  const draw: DrawOptions = {
    temperature: sampling.temperature,
    topK: sampling.topK,
    topP: sampling.topP,
    minP: sampling.minP,
    uniform: randomSource(request.key).uniform,
    entropy: want?.entropies ?? false,
    top: want?.topLogProbs ?? 0,
  };
  const stops = sampling.stop ?? [];
  const watch = stops.length > 0 ? stopWatch(tokenizer, stops) : undefined;
  let state = constraint?.start ?? 0;

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

  const finish = (reason: 'stop' | 'length', text: string): void => {
    end();
    resolve({
      text,
      policyVersion: context.version,
      finish: reason,
      promptTokens: prompt,
      responseTokens: tokens.slice(prompt.length, length),
      logProbs: Float32Array.from(logProbs),
      ...(narrows(sampling) ? { logKept: Float32Array.from(logKept) } : {}),
      ...(draw.entropy ? { entropies: Float32Array.from(entropies) } : {}),
      ...(draw.top > 0 ? { topLogProbs: top } : {}),
      cachedPromptTokens: call.cached,
    });
  };

  /** Ends the call when the token just drawn is the last one. */
  const finishAfter = (token: number): void => {
    const spoken = tokens.subarray(prompt.length, length);
    if (tokenizer.endTokens.has(token)) {
      finish('stop', tokenizer.decode(spoken.subarray(0, -1)));
      return;
    }
    if (watch?.push(token) === true) {
      const text = tokenizer.decode(spoken);
      const stop = firstStop(text, stops);
      if (stop !== null) {
        finish('stop', text.slice(0, sampling.includeStop === true ? stop.end : stop.start));
        return;
      }
    }
    if (length === limit) finish('length', tokenizer.decode(spoken));
  };

  const nextDraw = (logits: Float32Array): Draw | PolicyError => {
    const allowed = constraint?.allowed(state);
    if (allowed?.length === 0) {
      return new PolicyError('no token goes on with a text that the constraint allows', {
        field: 'sampling.constraint',
        value: sampling.constraint?.id,
        remedy: 'Allow only characters that the tokenizer can spell',
      });
    }
    return (
      sampleToken(logits, { ...draw, allowed }) ??
      new PolicyError(
        `version ${context.version} of the weights gives logits that are not finite`,
        { remedy: 'Go back to an earlier checkpoint, and train with a smaller learning rate' },
      )
    );
  };

  const call: GenerationCall = {
    prompt,
    tokens,
    length: () => length,
    result,
    settled: () => ended,
    accept: (logits) => {
      if (ended) return true;
      const drawn = nextDraw(logits);
      if (drawn instanceof PolicyError) {
        fail(drawn);
        return true;
      }
      tokens[length++] = drawn.token;
      logProbs.push(drawn.logProb);
      if (drawn.entropy !== undefined) entropies.push(drawn.entropy);
      if (drawn.top !== undefined) top.push(drawn.top);
      if (drawn.logKept !== undefined) logKept.push(drawn.logKept);
      if (constraint !== undefined) state = constraint.advance(state, drawn.token);
      request.onToken?.({
        token: drawn.token,
        logProb: drawn.logProb,
        ...(drawn.top !== undefined && { top: drawn.top }),
      });
      finishAfter(drawn.token);
      return ended;
    },
    fail,
    cached: 0,
  };
  return call;
}
