import { closeSync, openSync, readSync, renameSync, writeSync } from 'node:fs';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

/** A header and columns of numbers or text, as one file. */
export interface Columns {
  readonly header: unknown;
  readonly columns: readonly Uint8Array[];
}

/** Each column begins at a multiple of this. */
const ALIGNMENT = 8;
/** How much is read or written at once: the system's limit is 2 GB. */
const CHUNK = 1 << 28;

const frameSchema = z.object({ header: z.unknown(), lengths: z.array(z.int().min(0)) });

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

function writeFully(file: number, bytes: Uint8Array, to: number): void {
  for (let at = 0; at < bytes.length;)
    at += writeSync(file, bytes, at, Math.min(CHUNK, bytes.length - at), to + at);
}

/**
 * Writes a file of columns. It is complete or not there: it is written beside its place and then moved.
 *
 * @param kind - eight ASCII characters that tell this kind of file, its version included
 */
export function writeColumns(path: string, kind: string, { header, columns }: Columns): void {
  const encoder = new TextEncoder();
  const frame = encoder.encode(
    JSON.stringify({ header, lengths: columns.map(({ length }) => length) }),
  );
  const start = new Uint8Array(kind.length + 4);
  start.set(encoder.encode(kind));
  new DataView(start.buffer).setUint32(kind.length, frame.length, true);
  const draft = `${path}.part`;
  const file = openSync(draft, 'w');
  try {
    writeFully(file, start, 0);
    writeFully(file, frame, start.length);
    let position = aligned(start.length + frame.length);
    for (const column of columns) {
      writeFully(file, column, position);
      position = aligned(position + column.length);
    }
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/**
 * Reads a file that {@link writeColumns} wrote.
 *
 * @throws InvalidInputError when it cannot be read, is of another kind, or is cut off
 */
export function readColumns(path: string, kind: string): Columns {
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
    const start = new Uint8Array(kind.length + 4);
    if (!readFully(file, start, 0) || decoder.decode(start.subarray(0, kind.length)) !== kind)
      throw refused('is not an index of this kind and version');
    const bytes = new Uint8Array(new DataView(start.buffer).getUint32(kind.length, true));
    if (!readFully(file, bytes, start.length)) throw refused('is cut off');
    const { header, lengths } = parseInput(
      frameSchema,
      JSON.parse(decoder.decode(bytes)),
      `header of ${path}`,
    );
    let position = aligned(start.length + bytes.length);
    const columns = lengths.map((length) => {
      const column = new Uint8Array(length);
      if (!readFully(file, column, position)) throw refused('is cut off');
      position = aligned(position + length);
      return column;
    });
    return { header, columns };
  } finally {
    closeSync(file);
  }
}

/** Texts without line breaks as one column. */
export const encodeLines = (lines: Iterable<string>): Uint8Array =>
  new TextEncoder().encode([...lines].join('\n'));

/** Undoes {@link encodeLines}; none of the lines may be empty. */
export function decodeLines(column: Uint8Array): string[] {
  const text = new TextDecoder().decode(column);
  return text === '' ? [] : text.split('\n');
}
