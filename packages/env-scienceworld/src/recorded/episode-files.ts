import { readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

import { InvalidInputError } from '@spark-rl/core';

import { parseEpisode, type RecordedEpisode } from './episode.js';

const damaged = (what: string, reason: string, cause: unknown): InvalidInputError =>
  new InvalidInputError(`${what}: ${reason}`, {
    field: what,
    value: what,
    remedy: 'Give a file of recorded episodes: JSON Lines, gzip packed or not.',
    cause,
  });

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/**
 * Reads recorded episodes: JSON Lines, gzip packed or plain.
 *
 * @param bytes - the content of a file
 * @param what - its name, for errors
 * @throws InvalidInputError naming the line and field that is wrong
 */
export function parseEpisodes(bytes: Uint8Array, what: string): readonly RecordedEpisode[] {
  let text: string;
  try {
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    text = new TextDecoder('utf-8', { fatal: true }).decode(isPacked ? gunzipSync(bytes) : bytes);
  } catch (cause) {
    throw damaged(what, `cannot be unpacked (${reasonOf(cause)})`, cause);
  }
  const episodes: RecordedEpisode[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `${what}, line ${index + 1}`;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch (cause) {
      throw damaged(where, `is no JSON (${reasonOf(cause)})`, cause);
    }
    episodes.push(parseEpisode(json, where));
  }
  if (episodes.length === 0) throw damaged(what, 'has no episode', undefined);
  return episodes;
}

/** Reads a file of recorded episodes. @throws InvalidInputError when it cannot be read or is damaged */
export async function readEpisodes(path: string | URL): Promise<readonly RecordedEpisode[]> {
  const what = path instanceof URL ? fileURLToPath(path) : path;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw damaged(what, `cannot be read (${reasonOf(cause)})`, cause);
  }
  return parseEpisodes(bytes, what);
}

/** Episodes as JSON Lines. */
export const formatEpisodes = (episodes: readonly RecordedEpisode[]): string =>
  episodes.map((episode) => `${JSON.stringify(episode)}\n`).join('');

/** Writes a file of recorded episodes, packed where its name ends in `.gz`; whole or not at all. */
export async function writeEpisodes(
  path: string,
  episodes: readonly RecordedEpisode[],
): Promise<void> {
  const text = formatEpisodes(episodes);
  const part = `${path}.part`;
  // Level 9, and no time stamp in the header: equal episodes are equal files.
  await writeFile(part, path.endsWith('.gz') ? gzipSync(text, { level: 9 }) : text);
  await rename(part, path);
}
