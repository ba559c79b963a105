import type * as FileSystem from 'node:fs';

import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { entrySchema, type FolderEntry } from './folder-entry.js';

/** Raised when entries change their meaning: older files are then built anew. */
const VERSION = 1;

const schema = z.object({ version: z.literal(VERSION), entries: z.array(entrySchema) });

/** What an index file had to offer. */
export interface StoredIndex {
  readonly entries: readonly FolderEntry[];
  /** Why nothing could be taken from it; null when all could. */
  readonly refused: string | null;
}

/** Reads an index. One that is missing, torn or of another version is refused with the reason, never trusted in part. */
export function readIndex(path: string, fs: typeof FileSystem): StoredIndex {
  let text: string;
  try {
    text = fs.readFileSync(path, 'utf8');
  } catch {
    return { entries: [], refused: 'there was none' };
  }
  try {
    const { entries } = parseInput(schema, JSON.parse(text), path);
    return { entries, refused: null };
  } catch (cause) {
    return { entries: [], refused: (cause as Error).message };
  }
}

/**
 * Writes an index whole or not at all: into a file beside it, which then takes its place.
 *
 * @returns why it could not be written; null when it was
 */
export function writeIndex(
  path: string,
  entries: readonly FolderEntry[],
  fs: typeof FileSystem,
): string | null {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(draft, JSON.stringify({ version: VERSION, entries }));
    fs.renameSync(draft, path);
    return null;
  } catch (cause) {
    fs.rmSync(draft, { force: true });
    return (cause as Error).message;
  }
}
