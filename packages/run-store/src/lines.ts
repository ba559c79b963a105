import { open, readFile, type FileHandle } from 'node:fs/promises';

import { onPath } from './files.js';

const NEWLINE = 0x0a;

/**
 * Reads the lines of a file that is only ever appended to; none when it does not exist. What follows the last line break was torn by
 * a crash and is left out.
 */
export async function readLines(path: string): Promise<readonly string[]> {
  const bytes = await onPath('read', path, async () => {
    try {
      return await readFile(path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
      throw cause;
    }
  });
  const end = bytes.lastIndexOf(NEWLINE);
  return end < 0 ? [] : bytes.toString('utf8', 0, end).split('\n');
}

/** A file of lines that is being written, only ever appended to. */
export interface LinesWriter {
  /**
   * Resolves when the line has been handed to the operating system, where the end of this process cannot lose it; lines land in the
   * order of the calls. After one that could not be written no further one is: what is torn stays the end of the file.
   */
  readonly append: (line: string) => Promise<void>;
  /** Resolves when all lines so far have been handed over; rejects when one could not be. */
  readonly flushed: () => Promise<void>;
  /** Makes all lines so far survive a power cut. */
  readonly sync: () => Promise<void>;
  /** Waits for the lines under way, whatever becomes of them, and closes the file. */
  readonly close: () => Promise<void>;
}

/** Where the last complete line ends, in bytes. Looks from the end: only the last line can be torn. */
async function completeLength(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const chunk = Buffer.alloc(Math.min(size, 0x1_0000));
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const newline = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/** Cuts off a torn last line, durably: what is appended next must not stand behind its remains. */
async function cutTornLine(path: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r+');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw cause;
  }
  try {
    const length = await completeLength(handle);
    if (length === (await handle.stat()).size) return;
    await handle.truncate(length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Opens a file for appending lines; a torn last line, left by a crash, is cut off first. */
export async function openLines(path: string): Promise<LinesWriter> {
  const handle = await onPath('open', path, async () => {
    await cutTornLine(path);
    return open(path, 'a');
  });
  let last: Promise<void> = Promise.resolve();
  let closed: Promise<void> | undefined;
  const queue = (work: () => Promise<unknown>): Promise<void> => {
    last = last.then(() => onPath('write', path, work)).then(() => undefined);
    // The caller sees the failure; the chain itself must not raise an unhandled rejection besides.
    last.catch(() => undefined);
    return last;
  };
  return {
    append: (line) => queue(() => handle.appendFile(`${line}\n`)),
    flushed: () => last,
    sync: () => queue(() => handle.sync()),
    close: () =>
      (closed ??= last
        .catch(() => undefined)
        .then(() => onPath('close', path, () => handle.close()))),
  };
}
