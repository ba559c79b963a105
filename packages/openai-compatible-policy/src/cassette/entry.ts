import {
  canonicalJson,
  encodeKey,
  hashText,
  parseInput,
  type JsonValue,
  type RandomKey,
} from '@spark-rl/core';
import { z } from 'zod';

import type { Redact } from '../transport/redactor.js';
import type { WireCall } from '../transport/wire-call.js';

/** The first line of a cassette. */
export const HEADER = { cassette: 1 } as const;

const headerSchema = z.object({ cassette: z.literal(1) });

const entrySchema = z.object({
  hash: z.string(),
  key: z.array(z.union([z.string(), z.number()])),
  request: z.object({
    method: z.enum(['GET', 'POST']),
    path: z.string(),
    body: z.json(),
  }),
  answer: z.json(),
});

/** A call and its answer, as a line of a cassette. No address, no header and no secret is in it. */
export interface CassetteEntry {
  /** SHA-256 of the request as canonical JSON. */
  readonly hash: string;
  /** Names the randomness of the call; orders calls that are alike. */
  readonly key: RandomKey;
  readonly request: { readonly method: string; readonly path: string; readonly body: JsonValue };
  readonly answer: JsonValue;
}

/** What a call asks, without what is secret. */
export function requestOf(
  { method, path, body }: WireCall,
  redact: Redact,
): CassetteEntry['request'] {
  return JSON.parse(redact(JSON.stringify({ method, path, body }))) as CassetteEntry['request'];
}

/** What a request is found by: equal for requests that ask the same. */
export const requestHash = (request: CassetteEntry['request']): string =>
  hashText(canonicalJson(request));

/** What a request is found by together with the randomness that it was made for. */
export const entryName = (hash: string, key: RandomKey): string => `${hash} ${encodeKey(key)}`;

/**
 * Reads a line; null for the first one.
 *
 * @throws InvalidInputError when it is none of a cassette
 */
export function readLine(line: string, what: string): CassetteEntry | null {
  const json: unknown = JSON.parse(line);
  if (headerSchema.safeParse(json).success) return null;
  return parseInput(
    entrySchema,
    json,
    what,
    'Record the cassette anew, or restore it from version control.',
  );
}
