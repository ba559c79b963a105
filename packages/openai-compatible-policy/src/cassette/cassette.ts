import { parseInput, randomSource, type JsonValue, type RandomKey } from '@spark-rl/core';
import { z } from 'zod';

import { CassetteMissError } from '../errors.js';
import type { Redact } from '../transport/redactor.js';
import type { WireCall } from '../transport/wire-call.js';
import { openCassetteFile } from './cassette-file.js';
import { nearestRecorded } from './difference.js';
import { entryName, requestHash, requestOf, type CassetteEntry } from './entry.js';

const optionsSchema = z.strictObject({
  path: z.string().min(1),
  mode: z.enum(['record', 'replay', 'auto']).default('auto'),
});

/**
 * Where a cassette is, and what is done with it: `record` calls the servers and begins the file anew, `replay` calls no server and fails on
 * what is not recorded, `auto` replays what is there and records what is not.
 */
export type CassetteOptions = z.input<typeof optionsSchema>;

/** Calls and their answers, kept. */
export interface Cassette {
  readonly mode: 'record' | 'replay' | 'auto';
  /** The recorded answer; undefined where there is none. Throws a CassetteMissError instead in the mode `replay`. */
  readonly recall: (call: WireCall, key: RandomKey, redact: Redact) => JsonValue | undefined;
  readonly keep: (
    call: WireCall,
    key: RandomKey,
    answer: JsonValue,
    redact: Redact,
  ) => Promise<void>;
  /** How many calls it holds. */
  readonly size: () => number;
  /** Resolves when everything is on disk. */
  readonly flush: () => Promise<void>;
}

/**
 * Opens a cassette: every call to a server is recorded by its content, and replayed by it, so that whole training steps run again
 * without a server. Which answer a call gets depends on its content and its key alone, not on who asked first: of calls with the same
 * content, each key gets what was recorded for it, one after the other, and the last again; a key that was not recorded gets one drawn by it.
 *
 * @throws InvalidInputError when an option or the file is not what it must be
 */
export async function openCassette(options: CassetteOptions): Promise<Cassette> {
  const { path, mode } = parseInput(optionsSchema, options, 'options of openCassette');
  const file = await openCassetteFile(path, mode === 'record');
  const entries: CassetteEntry[] = [];
  const byHash = new Map<string, CassetteEntry[]>();
  const byName = new Map<string, CassetteEntry[]>();
  const recalled = new Map<string, number>();
  const put = <Key>(map: Map<Key, CassetteEntry[]>, key: Key, entry: CassetteEntry): void => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [entry]);
    else list.push(entry);
  };
  const add = (entry: CassetteEntry): void => {
    entries.push(entry);
    put(byHash, entry.hash, entry);
    put(byName, entryName(entry.hash, entry.key), entry);
  };
  for (const entry of file.entries) add(entry);

  const find = (hash: string, key: RandomKey): CassetteEntry | undefined => {
    const name = entryName(hash, key);
    const own = byName.get(name);
    if (own !== undefined) {
      const nth = recalled.get(name) ?? 0;
      recalled.set(name, nth + 1);
      return own[Math.min(nth, own.length - 1)];
    }
    const alike = byHash.get(hash);
    // In the order of the keys, since the order of the file is that of who answered first.
    if (alike === undefined) return undefined;
    const ordered = [...alike].sort((a, b) =>
      entryName('', a.key) < entryName('', b.key) ? -1 : 1,
    );
    return ordered[randomSource([...key, 'cassette']).integer(ordered.length)];
  };
  return {
    mode,
    recall: (call, key, redact) => {
      if (mode === 'record') return undefined;
      const request = requestOf(call, redact);
      const entry = find(requestHash(request), key);
      if (entry !== undefined) return entry.answer;
      if (mode === 'auto') return undefined;
      throw new CassetteMissError(
        `the cassette ${path} does not hold this call of ${call.path}: ${nearestRecorded(request, entries)}`,
        {
          field: 'cassette',
          value: path,
          remedy: "Record it with mode: 'auto' and a server, or undo what changed the request",
        },
      );
    },
    keep: async (call, key, answer, redact) => {
      const request = requestOf(call, redact);
      const line = redact(
        JSON.stringify({
          hash: requestHash(request),
          key,
          request,
          answer,
        } satisfies CassetteEntry),
      );
      await file.append(line);
      // What was just recorded is not replayed in `auto`: a retry of the rollout must be able to get another answer.
    },
    size: () => entries.length,
    flush: file.flush,
  };
}
