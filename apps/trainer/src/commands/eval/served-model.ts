import { InvalidInputError } from '@spark-rl/core';
import {
  openaiCompatiblePolicy,
  openCassette,
  type Cassette,
  type Preset,
  type ServedPolicy,
  type ServedPolicyOptions,
} from '@spark-rl/openai-compatible-policy';

import { oneOf, type EvalOptions } from './eval-options.js';

/** What `spark-rl serve` is: it speaks vLLM's API, samples by the key itself, and tells the log-probabilities of what it sampled from. */
const OURS = {
  preset: 'vllm',
  sendKey: true,
  logProbsMode: 'processed',
} as const satisfies Partial<ServedPolicyOptions>;

const PRESETS: readonly Preset[] = ['vllm', 'sglang', 'llama.cpp', 'openai'];

/** The key is read from the environment: a command line is seen by everybody on the machine, and kept in histories. */
function keyFrom(variable: string): string | undefined {
  const key = process.env[variable]?.trim();
  return key === undefined || key === '' ? undefined : key;
}

/** Calls are recorded where that is asked for; otherwise a cassette stands in for the server, which need not run. */
async function cassetteOf({
  cassette,
  record,
}: Pick<EvalOptions, 'cassette' | 'record'>): Promise<Cassette | undefined> {
  if (cassette !== undefined)
    return openCassette({ path: cassette, mode: record ? 'auto' : 'replay' });
  if (!record) return undefined;
  throw new InvalidInputError('--record needs --cassette: the file to record into', {
    field: '--cassette',
    remedy: 'Give --cassette FILE too.',
  });
}

/**
 * Opens the served model that the options name.
 *
 * @param chat - whether prompts are messages; no tokens are then asked for, so that every server and every sampling will do
 */
export async function servedModel(
  options: Pick<
    EvalOptions,
    'policy' | 'model' | 'server' | 'keyEnv' | 'concurrency' | 'cassette' | 'record'
  >,
  chat: boolean,
): Promise<ServedPolicy> {
  const { policy = [], model } = options;
  if (model === undefined) {
    throw new InvalidInputError('--policy needs --model: the name by which the server knows it', {
      field: '--model',
      remedy: 'Give the name that /v1/models of the server lists.',
    });
  }
  const server = oneOf('--server', options.server, ['spark-rl', ...PRESETS] as const);
  if (!chat && server === 'openai') {
    throw new InvalidInputError('the words of a run are continued token by token', {
      field: '--server',
      value: server,
      remedy: `Say what the server is, --server ${['spark-rl', ...PRESETS.slice(0, 3)].join(', ')}; or leave the run out.`,
    });
  }
  return openaiCompatiblePolicy({
    ...(server === 'spark-rl' ? OURS : { preset: server }),
    ...(chat && { tokens: false }),
    url: policy,
    model,
    apiKey: keyFrom(options.keyEnv),
    concurrency: options.concurrency,
    cassette: await cassetteOf(options),
  });
}
