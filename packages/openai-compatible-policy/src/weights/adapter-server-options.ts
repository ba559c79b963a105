import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { serverAddress } from '../server-address.js';

const optionsSchema = z.strictObject({
  probePrompt: z.array(z.int().min(0)).min(1).default([1, 2, 3, 4, 5, 6, 7, 8]),
  probeTokens: z.int().min(1).default(4),
  timeoutMs: z.number().min(1).default(120_000),
  tries: z.int().min(1).default(3),
  firstDelayMs: z.number().min(0).default(200),
  longestDelayMs: z.number().min(0).default(5_000),
});

/**
 * Where a server is, and how it is probed: `probePrompt` are token ids that every model of yours has, `probeTokens` how many are generated
 * after them. `timeoutMs` is for one call, the loading of an adapter included. Calls that may be made twice without harm are tried `tries`
 * times.
 */
export type AdapterServerOptions = z.input<typeof optionsSchema> & {
  /** `/v1` at the end makes no difference. */
  readonly url: string;
  /** Sent as `Authorization: Bearer ...`, and nowhere else. */
  readonly apiKey?: string | undefined;
};

export type AdapterServerSettings = z.output<typeof optionsSchema> & {
  /** Without a slash and without `/v1` at its end. */
  readonly url: string;
  readonly apiKey: string | undefined;
};

/** Checks the options; the key and the address apart, so that no message can show what is secret. */
export function adapterServerSettings(
  options: AdapterServerOptions,
  what: string,
): AdapterServerSettings {
  const { apiKey, url, ...rest } = options;
  const { origin, pathname } = serverAddress(url, what);
  if (apiKey !== undefined && (typeof apiKey !== 'string' || !/^[\x21-\x7e]+$/.test(apiKey))) {
    throw new InvalidInputError(
      `options of ${what}: apiKey: it is no text without blanks and line breaks`,
      { field: 'apiKey', remedy: 'Give the key as it is' },
    );
  }
  return {
    ...parseInput(optionsSchema, rest, `options of ${what}`),
    url: `${origin}${pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}`,
    apiKey,
  };
}
