import { open, truncate, type FileHandle } from 'node:fs/promises';

import { RunStoreError, type JsonValue } from '@spark-rl/core';

import { onPath, readTextIfPresent } from './files.js';

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
  const text = await readTextIfPresent(path);
  const handle: FileHandle = await onPath('open', path, async () => {
    if (text !== undefined && text !== '' && !text.endsWith('\n')) {
      await truncate(path, Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1)));
    }
    return open(path, 'a');
  });
  let last: Promise<void> = Promise.resolve();
  const queue = (work: () => Promise<unknown>): Promise<void> => {
    last = last.then(() => onPath('write', path, work)).then(() => undefined);
    // The caller sees the failure; the chain itself must not raise an unhandled rejection besides.
    last.catch(() => undefined);
    return last;
  };
  return {
    append: (value) => queue(() => handle.appendFile(`${JSON.stringify(value)}\n`)),
    sync: () => queue(() => handle.sync()),
    close: async () => {
      await last.catch(() => undefined);
      await handle.close();
    },
  };
}

/**
 * Reads a JSON Lines file; empty when it does not exist. A last line without its line break was torn by a crash and is left out; a
 * damaged line elsewhere is an error that names it.
 */
export async function readJsonLines(path: string): Promise<JsonValue[]> {
  const text = (await readTextIfPresent(path)) ?? '';
  const lines = text.split('\n');
  lines.pop();
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as JsonValue;
    } catch (cause) {
      throw new RunStoreError(`${path}: line ${index + 1} is not JSON`, {
        field: `${path}:${index + 1}`,
        value: line.slice(0, 80),
        remedy: 'The file was changed or damaged: restore it from a copy, or delete that line.',
        cause,
      });
    }
  });
}
