import { appendFile, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';

import { HEADER, readLine, type CassetteEntry } from './entry.js';

const isAbsent = (cause: unknown): boolean => (cause as { code?: unknown }).code === 'ENOENT';

/** A cassette's file, and what it held when it was opened. */
export interface CassetteFile {
  readonly entries: readonly CassetteEntry[];
  /** Adds a line, whole or not at all. Lines are written one after the other. */
  readonly append: (line: string) => Promise<void>;
  /** Resolves when all lines are on disk. */
  readonly flush: () => Promise<void>;
}

/** Cuts off a last line that was torn, so that what is added begins on a line of its own. */
async function mend(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

/**
 * Opens a cassette's file: JSON lines, of which only whole ones count. A torn last line, as a killed process leaves it, is dropped.
 *
 * @param anew - whether what it holds is replaced; the old file stays until the first call has been recorded
 * @throws InvalidInputError when a line is none of a cassette
 */
export async function openCassetteFile(path: string, anew: boolean): Promise<CassetteFile> {
  let begun = false;
  let entries: CassetteEntry[] = [];
  let torn: number | undefined;
  if (!anew) {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      if (isAbsent(cause)) return '';
      throw cause;
    });
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    begun = whole !== '';
    if (whole.length < text.length) torn = Buffer.byteLength(whole);
    entries = whole
      .split('\n')
      .slice(0, -1)
      .flatMap((line, i) => {
        const what = `${path}, line ${i + 1}`;
        try {
          return readLine(line, what) ?? [];
        } catch (cause) {
          if (cause instanceof InvalidInputError) throw cause;
          throw new InvalidInputError(`${what} is no JSON`, { field: what, cause });
        }
      });
  }
  const write = async (line: string): Promise<void> => {
    if (begun) {
      if (torn !== undefined) await mend(path, torn);
      torn = undefined;
      return appendFile(path, `${line}\n`);
    }
    await mkdir(dirname(path), { recursive: true });
    const fresh = `${path}.new`;
    await writeFile(fresh, `${JSON.stringify(HEADER)}\n${line}\n`);
    await rename(fresh, path);
    begun = true;
  };
  let last: Promise<void> = Promise.resolve();
  return {
    entries,
    append: (line) => {
      const written = last.then(() => write(line));
      last = written.catch(() => undefined);
      return written;
    },
    flush: () => last,
  };
}
