import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { Cassette } from './cassette/cassette.js';
import type { PromptTokenizer } from './prompt-tokens.js';
import { serverAddress } from './server-address.js';
import { timeLimitsSchema } from './transport/time-limits.js';

/** Which kind of server it is. */
export type Preset = 'vllm' | 'sglang' | 'llama.cpp' | 'openai';

/** The schema of the options that are no secrets. */
const optionsSchema = z.strictObject({
  preset: z.enum(['vllm', 'sglang', 'llama.cpp', 'openai']),
  model: z.string().min(1),
  version: z.string().min(1).optional(),
  id: z.string().min(1).default('served'),
  tokens: z.boolean().optional(),
  api: z.enum(['completions', 'chat']).default('completions'),
  logProbsMode: z.enum(['raw', 'processed']).default('raw'),
  beginOfSequence: z.int().min(0).optional(),
  sendKey: z.boolean().default(false),
  skipSpecialTokens: z.boolean().default(true),
  stream: z.boolean().default(false),
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  extra: z.record(z.string(), z.json()).readonly().default({}),
  omit: z.array(z.string()).readonly().default([]),
  limits: timeLimitsSchema.prefault({}),
  tries: z.int().min(1).default(5),
  firstDelayMs: z.number().min(0).default(500),
  longestDelayMs: z.number().min(0).default(120_000),
  concurrency: z.int().min(1).default(64),
  patienceMs: z.number().min(0).default(2_000),
  healthEveryMs: z.number().min(1).default(5_000),
  verifyEveryCalls: z.int().min(1).default(256),
});

/** How a served model is reached and asked; see the README for each option. */
export type ServedPolicyOptions = z.input<typeof optionsSchema> & {
  /** The address of the server, or of several that serve the same model. `/v1` at the end makes no difference. A cassette that is only replayed needs none. */
  readonly url?: string | readonly string[] | undefined;
  /** Sent as `Authorization: Bearer ...`, and nowhere else. */
  readonly apiKey?: string | undefined;
  /** Further headers; their values are taken for secrets, too. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Makes token ids here, so that the server is not asked to. */
  readonly tokenizer?: PromptTokenizer | undefined;
  /** Records calls and replays them; see `openCassette`. */
  readonly cassette?: Cassette | undefined;
};

/** The options, checked. */
export type ServedPolicySettings = z.output<typeof optionsSchema>;

/** What is secret, and where the servers are. */
export interface ServerAccess {
  readonly urls: readonly URL[];
  readonly headers: Readonly<Record<string, string>>;
  /** Taken out of every message. */
  readonly secrets: readonly string[];
  /** Taken out of records: a stand-in for a key, such as `token`, would blot out what is recorded. */
  readonly longSecrets: readonly string[];
}

/** Says what is wrong without showing what was found: it may be a key. */
function wrong(field: string, problem: string, remedy: string): never {
  throw new InvalidInputError(`options of openaiCompatiblePolicy: ${field}: ${problem}`, {
    field,
    remedy,
  });
}

const isLong = (secret: string): boolean => secret.length >= 8;

function accessOf(options: ServedPolicyOptions): ServerAccess {
  const { url = [], apiKey, headers = {}, cassette } = options;
  const urls = (Array.isArray(url) ? (url as readonly unknown[]) : [url]).map((each) =>
    serverAddress(each, 'openaiCompatiblePolicy'),
  );
  if (cassette !== undefined && typeof (cassette as Partial<Cassette>).recall !== 'function')
    wrong('cassette', 'it is none', 'Give what openCassette resolves to: await it');
  if (urls.length === 0 && cassette?.mode !== 'replay')
    wrong('url', 'there is none', 'Give the address of a server');
  if (apiKey !== undefined && (typeof apiKey !== 'string' || !/^[\x21-\x7e]+$/.test(apiKey)))
    wrong('apiKey', 'it is no text without blanks and line breaks', 'Give the key as it is');
  for (const [name, value] of Object.entries(headers))
    if (typeof value !== 'string' || /[\r\n\0]/.test(value))
      wrong(`headers.${name}`, 'it is no text of one line', 'Give a text');
  // Headers such as `x-team: a` would blot out every a.
  const valuesOfHeaders = Object.values(headers)
    .flatMap((value) => [value, ...value.split(' ')])
    .filter(isLong);
  return {
    urls,
    headers: {
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...headers,
    },
    secrets: [...(apiKey === undefined ? [] : [apiKey]), ...valuesOfHeaders],
    longSecrets: [...[apiKey ?? ''].filter(isLong), ...valuesOfHeaders],
  };
}

/**
 * Checks the options. Secrets are checked apart from the rest, so that no message can show them.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function readOptions(options: ServedPolicyOptions): {
  readonly settings: ServedPolicySettings;
  readonly access: ServerAccess;
} {
  const access = accessOf(options);
  const apart = new Set(['url', 'apiKey', 'headers', 'tokenizer', 'cassette']);
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !apart.has(name)));
  return {
    access,
    settings: parseInput(optionsSchema, rest, 'options of openaiCompatiblePolicy'),
  };
}
