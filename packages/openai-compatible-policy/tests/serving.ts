import type { GenerationRequest, Sampling } from '@spark-rl/core';

import {
  openaiCompatiblePolicy,
  type Preset,
  type ServedPolicy,
  type ServedPolicyOptions,
} from '../src/index.js';
import {
  startLlamaCppDouble,
  startOpenAiDouble,
  startSglangDouble,
  startVllmDouble,
  toyModel,
  type ServerDouble,
  type ToyModel,
} from '../src/testing/index.js';

export const messages = [{ role: 'user', content: 'look, then go north' }] as const;

export const request = (
  sampling: Partial<Sampling> = {},
  rest: Partial<GenerationRequest> = {},
): GenerationRequest => ({
  prompt: { kind: 'messages', messages },
  sampling: { temperature: 1, maxTokens: 12, ...sampling },
  key: ['test', 1],
  affinity: 'tree-1',
  ...rest,
});

/** What all tests ask: quick retries, so that no test waits. */
export const quick = { model: 'toy', firstDelayMs: 1, longestDelayMs: 2_000 } as const;

export const startDoubleOf = (preset: Preset, model: ToyModel): Promise<ServerDouble> =>
  ({
    vllm: () => startVllmDouble({ model, logprobsMode: 'processed_logprobs' }),
    sglang: () => startSglangDouble({ model }),
    'llama.cpp': () => startLlamaCppDouble({ model }),
    openai: () => startOpenAiDouble({ model }),
  })[preset]();

/** A policy and the double that it is served by, both closed afterwards. */
export async function serving<Result, Double extends ServerDouble = ServerDouble>(
  preset: Preset,
  options: Partial<ServedPolicyOptions>,
  use: (policy: ServedPolicy, server: Double) => Promise<Result>,
  start: () => Promise<Double> = () => startDoubleOf(preset, toyModel()) as Promise<Double>,
): Promise<Result> {
  const server = await start();
  const policy = openaiCompatiblePolicy({
    preset,
    url: server.url,
    ...quick,
    ...(preset === 'vllm' && { logProbsMode: 'processed' as const }),
    ...options,
  });
  try {
    return await use(policy, server);
  } finally {
    await policy.close();
    await server.close();
  }
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`it was not rejected, but gave ${JSON.stringify(value)}`);
    },
    (cause: unknown) => cause,
  );
}

/** The paths that generate. */
export const isGeneration = ({ path }: { readonly path: string }): boolean =>
  ['/v1/completions', '/v1/chat/completions', '/generate', '/completion'].includes(path);

export const generations = (server: ServerDouble): ServerDouble['requests'] =>
  server.requests.filter(isGeneration);
