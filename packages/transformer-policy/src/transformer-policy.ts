import {
  AbortedError,
  InvalidInputError,
  parseInput,
  PolicyError,
  type Policy,
} from '@spark-rl/core';
import type { Engine, ParameterSet } from '@spark-rl/tensor';
import { z } from 'zod';

import { transformerConfig, type TransformerOptions } from './config.js';
import { checkPrompt } from './check-prompt.js';
import { tokenBytes } from './constraint/token-bytes.js';
import { constraintLifter } from './constraint/token-constraint.js';
import { encodePrompt } from './encode-prompt.js';
import { generationCall, type GenerationCall } from './generation-call.js';
import { incrementalDecoder, type IncrementalDecoder } from './incremental-decoder.js';
import { cacheShape } from './key-value-pool.js';
import { loraConfig, type LoraOptions } from './lora/lora-config.js';
import { prefixCache } from './prefix-cache.js';
import { rowBatch, type BatchCounters, type RowBatch } from './row-batch.js';
import { samplingSchema } from './sampling/sampling-schema.js';
import type { Tokenizer } from './tokenizer.js';

const settingsSchema = z.object({
  id: z.string().min(1).default('transformer'),
  version: z.string().min(1),
  maxRows: z.int().positive().default(128),
  prefillChunk: z.int().positive().default(64),
  prefillTokens: z.int().positive().default(1024),
  prefixCacheBytes: z
    .number()
    .nonnegative()
    .default(256 * 2 ** 20),
});

/** What a transformer policy is made of. */
export interface TransformerPolicyOptions {
  readonly engine: Engine;
  readonly config: TransformerOptions;
  readonly tokenizer: Tokenizer;
  /** The weights, as the engine holds them; whoever made them disposes of them. */
  readonly parameters: ParameterSet;
  /**
   * Adapters among the parameters: sampled with as `loraTransformer` trains them, so nothing has to be merged when they change. Default none.
   */
  readonly lora?: LoraOptions | undefined;
  /** Names the weights; every response carries it. */
  readonly version: string;
  /** Default `transformer`. */
  readonly id?: string;
  /** How many responses are sampled side by side; further calls wait. Default 128. */
  readonly maxRows?: number;
  /** How many new prompt tokens of a row go through the model at once. Default 64. */
  readonly prefillChunk?: number;
  /**
   * How many new prompt tokens, of all rows together, go through the model between two steps of rows that already decode: a long prompt does
   * not hold them up. Default 1024; at least one chunk goes.
   */
  readonly prefillTokens?: number;
  /** How much memory the prefix cache may take; 0 turns it off. Default 256 MiB. */
  readonly prefixCacheBytes?: number;
}

/** What a policy has done since it was made. */
export interface TransformerPolicyStats {
  /** Response tokens drawn, those of stopped calls too. */
  readonly generatedTokens: number;
  readonly promptTokens: number;
  /** Prompt tokens whose keys and values came from the prefix cache. */
  readonly cachedPromptTokens: number;
  /** Prompt tokens that went through the model: without the prefix cache it would have been `promptTokens`. */
  readonly prefilledTokens: number;
  /** How often chunks of prompts went through the model. */
  readonly prefillSteps: number;
  readonly decodeSteps: number;
  /** Mean rows in a decode step; 0 before the first. */
  readonly meanDecodeBatch: number;
}

/** A policy whose weights can be exchanged between calls. */
export interface TransformerPolicy extends Policy {
  readonly version: () => string;
  /** Exchanges the weights and empties the prefix cache. Throws a PolicyError while calls are running. */
  readonly update: (next: { readonly parameters: ParameterSet; readonly version: string }) => void;
  readonly stats: () => TransformerPolicyStats;
  /** Resolves when no call is running or waiting. */
  readonly idle: () => Promise<void>;
  /** Ends all calls with an AbortedError and frees the compiled programs. The weights stay. */
  readonly close: () => Promise<void>;
}

/** Lets everything that is ready run first: callers that got their response usually ask again before this resolves. */
const nextTick = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });

/**
 * A decoder-only transformer that samples responses. Calls are batched: one loop admits waiting calls, prefills what the prefix cache
 * does not know of their prompts, and draws one token for every row per step; a row that ends leaves at once.
 *
 * On an engine that is batch invariant, a response depends on the weights, the prompt, the sampling settings and the key alone, to the
 * bit: not on what else is running, on the cache, or on chunking.
 *
 * @throws InvalidInputError when an option is wrong, or the tokenizer does not fit the model
 */
export function transformerPolicy(options: TransformerPolicyOptions): TransformerPolicy {
  const { engine, tokenizer } = options;
  const settings = parseInput(settingsSchema, options, 'options of transformerPolicy');
  const config = transformerConfig(options.config);
  const lora = options.lora === undefined ? undefined : loraConfig(options.lora);
  if (tokenizer.vocabularySize > config.vocabularySize) {
    throw new InvalidInputError(
      `the tokenizer has ${tokenizer.vocabularySize} tokens, the model ${config.vocabularySize}`,
      {
        field: 'config.vocabularySize',
        value: config.vocabularySize,
        remedy: 'Make the model with the vocabularySize of its tokenizer',
      },
    );
  }
  const cache = prefixCache(cacheShape(config), settings.prefixCacheBytes);
  const counters: BatchCounters = {
    generatedTokens: 0,
    promptTokens: 0,
    cachedPromptTokens: 0,
    prefilledTokens: 0,
    prefillSteps: 0,
    decodeSteps: 0,
    decodedRows: 0,
  };
  let weights = { parameters: options.parameters, version: settings.version };
  let decoder: IncrementalDecoder | undefined;
  let batch: RowBatch | undefined;
  const waiting: GenerationCall[] = [];
  let loop: Promise<void> | undefined;
  let closed = false;
  const lift = constraintLifter(() => tokenBytes(tokenizer.json), [...tokenizer.endTokens]);

  const running = (): number => waiting.length + (batch?.rows() ?? 0);

  const endAll = (error: Error): void => {
    for (const call of waiting.splice(0)) call.fail(error);
    batch?.drop(error);
  };

  const run = async (): Promise<void> => {
    try {
      decoder ??= await incrementalDecoder(engine, config, lora);
      while (running() > 0) {
        await nextTick();
        batch ??= rowBatch({ config, decoder, cache, counters, ...settings });
        batch.admit(waiting);
        await batch.prefill(weights.parameters);
        await batch.step(weights.parameters);
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      endAll(new PolicyError(`the engine ${engine.id} failed: ${reason}`, { cause }));
    }
  };

  const start = (): void => {
    loop ??= run().finally(() => {
      loop = undefined;
      // A call may have come in after the loop looked for the last time.
      if (waiting.length > 0) start();
    });
  };

  return {
    id: settings.id,
    version: () => weights.version,
    generate: async (request) => {
      if (closed) throw new PolicyError('the policy is closed', { remedy: 'Make a new one' });
      const { constraint } = parseInput(samplingSchema, request.sampling, 'sampling');
      const prompt = encodePrompt(request.prompt, tokenizer);
      checkPrompt(prompt, config);
      const call = generationCall(request, prompt, {
        tokenizer,
        contextLength: config.contextLength,
        version: weights.version,
        constraint: constraint === undefined ? undefined : lift(constraint),
      });
      if (!call.settled()) {
        waiting.push(call);
        start();
      }
      return call.result;
    },
    update: (next) => {
      if (running() > 0) {
        throw new PolicyError(
          `the weights cannot change from ${weights.version} to ${next.version} while calls are running`,
          { remedy: 'Await idle() first' },
        );
      }
      weights = { parameters: next.parameters, version: next.version };
      cache.clear();
      // Keys and values of other weights, perhaps not finite ones, must not stay in the pool's stale slots.
      batch = undefined;
    },
    stats: () => {
      const { decodedRows, ...counts } = counters;
      const meanDecodeBatch = counts.decodeSteps === 0 ? 0 : decodedRows / counts.decodeSteps;
      return { ...counts, meanDecodeBatch };
    },
    idle: async () => {
      while (loop !== undefined) await loop;
    },
    close: async () => {
      closed = true;
      endAll(new AbortedError('the policy was closed'));
      while (loop !== undefined) await loop;
      decoder?.dispose();
      decoder = undefined;
      batch = undefined;
      cache.clear();
    },
  };
}
