import { RunStoreError, type JsonValue } from '@spark-rl/core';

import { openLines, readLines } from './lines.js';

/** A JSON Lines file that is being written: one JSON value a line, only ever appended to. */
export interface JsonLinesWriter {
  /** Resolves when the line has been handed to the operating system; lines land in the order of the calls. */
  readonly append: (value: JsonValue) => Promise<void>;
  /** Makes all lines so far survive a power cut. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a JSON Lines file for appending; a torn last line, left by a crash, is cut off first. */
export async function openJsonLines(path: string): Promise<JsonLinesWriter> {
  const { append, sync, close } = await openLines(path);
  return { append: (value) => append(JSON.stringify(value)), sync, close };
}

/**
 * Reads one line of a JSON Lines file.
 *
 * @param line - its number, from 1
 * @throws RunStoreError naming file and line when it is not JSON
 */
export function parseJsonLine(text: string, path: string, line: number): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new RunStoreError(`${path}: line ${line} is not JSON`, {
      field: `${path}:${line}`,
      value: text.slice(0, 80),
      remedy: 'The file was changed or damaged: restore it from a copy, or delete that line.',
      cause,
    });
  }
}

/**
 * Reads a JSON Lines file; empty when it does not exist. A last line without its line break was torn by a crash and is left out; a
 * damaged line elsewhere is an error that names it.
 */
export async function readJsonLines(path: string): Promise<JsonValue[]> {
  return (await readLines(path)).map((text, index) => parseJsonLine(text, path, index + 1));
}
