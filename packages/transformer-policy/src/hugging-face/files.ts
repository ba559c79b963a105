import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { CheckpointError, SparkError } from '@spark-rl/core';

/** The files of a Hugging Face model folder that are read or written by name. */
export const FILES = {
  config: 'config.json',
  generationConfig: 'generation_config.json',
  weights: 'model.safetensors',
  index: 'model.safetensors.index.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  chatTemplate: 'chat_template.jinja',
} as const;

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/** The error that a folder, or a file of it, cannot be used. */
export function folderError(
  path: string,
  reason: string,
  details: { readonly field?: string; readonly value?: unknown; readonly cause?: unknown } = {},
  remedy = 'Use another copy of the folder',
): CheckpointError {
  return new CheckpointError(`${path}: ${reason}`, { field: path, ...details, remedy });
}

/** The names of the files of a folder. */
export async function listFolder(path: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(await readdir(path));
  } catch (cause) {
    throw folderError(
      path,
      `cannot be read: ${reasonOf(cause)}`,
      { cause },
      'Give the path of a folder with config.json, safetensors and tokenizer.json',
    );
  }
}

/** The bytes of a file, or undefined when it is not there. */
export async function readIfThere(folder: string, name: string): Promise<Uint8Array | undefined> {
  const path = join(folder, name);
  try {
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw folderError(path, `cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** Parses a JSON file and makes something of it; whatever is wrong with it names the file and the field. */
export function parseFile<Value>(
  path: string,
  bytes: Uint8Array,
  make: (json: unknown) => Value,
): Value {
  try {
    return make(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    if (!(cause instanceof SparkError))
      throw folderError(path, `is not JSON: ${reasonOf(cause)}`, { cause });
    const { field, value } = cause;
    throw new CheckpointError(`${path} cannot be used: ${cause.message}`, {
      field: field ?? path,
      value,
      cause,
    });
  }
}

/** Node reads at most 2 GiB at once. */
const LARGEST_READ = 2 ** 30;

/** A file of which parts are read. */
export interface OpenFile {
  readonly size: number;
  readonly read: (start: number, end: number) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** Opens a file to read parts of it. */
export async function openFile(path: string): Promise<OpenFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    throw folderError(path, `cannot be opened: ${reasonOf(cause)}`, { cause });
  }
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw folderError(path, 'is not a file');
  }
  return {
    size: status.size,
    read: async (start, end) => {
      const bytes = new Uint8Array(end - start);
      let at = 0;
      while (at < bytes.length) {
        const wanted = Math.min(LARGEST_READ, bytes.length - at);
        const { bytesRead } = await handle.read(bytes, at, wanted, start + at);
        if (bytesRead === 0) throw folderError(path, 'became shorter while it was read');
        at += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
