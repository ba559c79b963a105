import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';

import { InvalidInputError, parseInput, SparkError } from '@spark-rl/core';
import { z } from 'zod';

/** Each column begins at a multiple of this. */
const ALIGNMENT = 8;
/** How much is read or written at once: the system's limit is 2 GB. */
const CHUNK = 1 << 28;
/** How much is collected before it is written. */
const BUFFER = 1 << 20;

const frameSchema = z.object({
  header: z.unknown(),
  columns: z.array(z.object({ start: z.int().min(0), length: z.int().min(0) })),
});

const aligned = (position: number): number => Math.ceil(position / ALIGNMENT) * ALIGNMENT;

/** The bytes of a column. Numbers are saved in the machine's byte order. */
export const bytesOf = (
  values: Uint8Array | Uint16Array | Uint32Array | Float64Array,
): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Reads bytes at a place of an open file. @returns whether all of them were there */
export function readFully(file: number, into: Uint8Array, from: number): boolean {
  for (let at = 0; at < into.length;) {
    const read = readSync(file, into, at, Math.min(CHUNK, into.length - at), from + at);
    if (read === 0) return false;
    at += read;
  }
  return true;
}

/** Appends bytes to a file, many small pieces at once. */
export interface FileWriter {
  /** How much was given so far. */
  readonly position: () => number;
  readonly write: (bytes: Uint8Array) => void;
  /** Writes what is still collected. */
  readonly flush: () => void;
}

/** A writer to an open file, from its beginning. */
export function fileWriter(file: number): FileWriter {
  const buffer = new Uint8Array(BUFFER);
  let held = 0;
  let written = 0;
  const put = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length;) {
      const count = writeSync(file, bytes, at, Math.min(CHUNK, bytes.length - at), written);
      at += count;
      written += count;
    }
  };
  const flush = (): void => {
    const bytes = buffer.subarray(0, held);
    held = 0;
    put(bytes);
  };
  return {
    position: () => written + held,
    write: (bytes) => {
      if (held + bytes.length > BUFFER) flush();
      if (bytes.length > BUFFER) put(bytes);
      else {
        buffer.set(bytes, held);
        held += bytes.length;
      }
    },
    flush,
  };
}

/** What is written into a file of columns. */
export interface ColumnsDraft {
  /** Begins the next column. */
  readonly begin: () => void;
  /** Adds to the column that was begun last. */
  readonly write: (bytes: Uint8Array) => void;
}

/**
 * Writes a file of a header and columns, in memory of a fixed size. The file is complete or not there: it is written beside its
 * place, `.part` behind its name, saved to the disk and then moved; whatever goes wrong, the part is removed.
 *
 * @param kind - eight ASCII characters that tell this kind of file, its version included
 * @param fill - writes the columns, and gives the header
 * @throws InvalidInputError when the file cannot be written, such as on a full disk
 */
export function writeColumns(
  path: string,
  kind: string,
  fill: (draft: ColumnsDraft) => unknown,
): void {
  const part = `${path}.part`;
  let file: number | undefined;
  try {
    file = openSync(part, 'w');
    const writer = fileWriter(file);
    const encoder = new TextEncoder();
    writer.write(encoder.encode(kind));
    // Where the frame stands comes last, so that a file that is not whole never names one.
    writer.write(new Uint8Array(ALIGNMENT));
    const columns: { start: number; length: number }[] = [];
    const header = fill({
      begin: () => {
        writer.write(new Uint8Array(aligned(writer.position()) - writer.position()));
        columns.push({ start: writer.position(), length: 0 });
      },
      write: (bytes) => {
        columns.at(-1)!.length += bytes.length;
        writer.write(bytes);
      },
    });
    const frame = Float64Array.of(writer.position());
    writer.write(encoder.encode(JSON.stringify({ header, columns })));
    writer.flush();
    writeSync(file, bytesOf(frame), 0, ALIGNMENT, kind.length);
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    renameSync(part, path);
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    rmSync(part, { force: true });
    throw storageError(path, cause);
  }
}

/** An error of the file system as one that says what to do; others as they are. */
export function storageError(path: string, cause: unknown): unknown {
  const code =
    typeof cause === 'object' && cause !== null ? (cause as NodeJS.ErrnoException).code : undefined;
  // An error of this project has a code, too, and is said already.
  if (code === undefined || cause instanceof SparkError) return cause;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new InvalidInputError(
    isFull ? `the disk is full: ${path} was not written` : `${path} cannot be written (${code})`,
    {
      field: path,
      value: code,
      remedy: isFull
        ? 'Make room, or choose a folder on another disk.'
        : 'Choose a path that exists and may be written to.',
      cause,
    },
  );
}

/** An open file of columns. */
export interface ColumnsFile {
  readonly header: unknown;
  /** A whole column. @throws InvalidInputError when there is none of that number */
  readonly column: (number: number) => Uint8Array;
  /** Fills an array from a place of a column. */
  readonly read: (number: number, from: number, into: Uint8Array) => void;
  readonly close: () => void;
}

/**
 * Opens a file that {@link writeColumns} wrote. Columns are read when they are asked for.
 *
 * @throws InvalidInputError when it cannot be read, is of another kind, or is cut off
 */
export function openColumns(path: string, kind: string): ColumnsFile {
  const refused = (why: string, cause?: unknown): InvalidInputError =>
    new InvalidInputError(`${path} ${why}`, {
      field: path,
      value: path,
      remedy: 'Build the index anew.',
      cause,
    });
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw refused('cannot be read', cause);
  }
  try {
    const decoder = new TextDecoder();
    const start = new Uint8Array(kind.length + ALIGNMENT);
    if (!readFully(file, start, 0) || decoder.decode(start.subarray(0, kind.length)) !== kind)
      throw refused('is not an index of this kind and version');
    const framed = new DataView(start.buffer).getFloat64(kind.length, true);
    const { size } = fstatSync(file);
    if (!(framed > 0 && framed < size)) throw refused('is cut off');
    const bytes = new Uint8Array(size - framed);
    if (!readFully(file, bytes, framed)) throw refused('is cut off');
    let content: unknown;
    try {
      content = JSON.parse(decoder.decode(bytes));
    } catch (cause) {
      throw refused('is cut off', cause);
    }
    const { header, columns } = parseInput(frameSchema, content, `header of ${path}`);
    if (columns.some((column) => column.start + column.length > framed))
      throw refused('is damaged');
    const read = (number: number, from: number, into: Uint8Array): void => {
      const column = columns[number];
      if (column === undefined) throw refused('lacks a column');
      if (from + into.length > column.length) throw refused('is damaged');
      if (!readFully(file, into, column.start + from)) throw refused('is cut off');
    };
    return {
      header,
      column: (number) => {
        const column = new Uint8Array(columns[number]?.length ?? 0);
        read(number, 0, column);
        return column;
      },
      read,
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
