import { closeSync, openSync, readSync, renameSync, writeSync } from 'node:fs';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { SearchIndex } from './search-index.js';

/** What a file begins with: its kind and the version of its form and of the analysis. */
const MAGIC = 'SPARKWS1';
/** After the magic word stands the header's length; after the header the columns, each from a multiple of this on. */
const ALIGNMENT = 8;
/** How much is read or written at once: the system's limit is 2 GB. */
const CHUNK = 1 << 28;

const headerSchema = z.object({
  fingerprint: z.string(),
  size: z.int().min(0),
  totalTerms: z.int().min(0),
  columns: z.tuple([z.int(), z.int(), z.int(), z.int(), z.int()]),
});

const aligned = (position: number): number => Math.ceil(position / ALIGNMENT) * ALIGNMENT;

const bytesOf = (values: Uint8Array | Uint16Array | Uint32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function readFully(file: number, into: Uint8Array, from: number): boolean {
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
 * Saves an index, so that a large catalogue is indexed only once. The file is complete or not there: it is written beside its
 * place and then moved. Numbers stand in the machine's byte order.
 */
export function writeSearchIndex(path: string, index: SearchIndex): void {
  const columns = [
    new TextEncoder().encode([...index.terms.keys()].join('\n')),
    bytesOf(index.starts),
    bytesOf(index.places),
    bytesOf(index.frequencies),
    bytesOf(index.lengths),
  ];
  const { fingerprint, size, totalTerms } = index;
  const header = new TextEncoder().encode(
    JSON.stringify({ fingerprint, size, totalTerms, columns: columns.map(({ length }) => length) }),
  );
  const start = new Uint8Array(MAGIC.length + 4);
  start.set(new TextEncoder().encode(MAGIC));
  new DataView(start.buffer).setUint32(MAGIC.length, header.length, true);
  const draft = `${path}.part`;
  const file = openSync(draft, 'w');
  try {
    writeFully(file, start, 0);
    writeFully(file, header, start.length);
    let position = aligned(start.length + header.length);
    for (const column of columns) {
      writeFully(file, column, position);
      position = aligned(position + column.length);
    }
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

const refused = (path: string, why: string, cause?: unknown): InvalidInputError =>
  new InvalidInputError(`${path} ${why}`, {
    field: path,
    value: path,
    remedy: 'Build the index anew with the catalogue that it is for.',
    cause,
  });

/**
 * Reads an index that {@link writeSearchIndex} saved.
 *
 * @throws InvalidInputError when the file cannot be read, is none, or is cut off
 */
export function readSearchIndex(path: string): SearchIndex {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw refused(path, 'cannot be read', cause);
  }
  try {
    const start = new Uint8Array(MAGIC.length + 4);
    if (
      !readFully(file, start, 0) ||
      new TextDecoder().decode(start.subarray(0, MAGIC.length)) !== MAGIC
    )
      throw refused(path, 'is not a search index of this version');
    const bytes = new Uint8Array(new DataView(start.buffer).getUint32(MAGIC.length, true));
    if (!readFully(file, bytes, start.length)) throw refused(path, 'is cut off');
    const header = parseInput(
      headerSchema,
      JSON.parse(new TextDecoder().decode(bytes)),
      `header of ${path}`,
    );
    let position = aligned(start.length + bytes.length);
    const columns = header.columns.map((length) => {
      const column = new Uint8Array(length);
      if (!readFully(file, column, position)) throw refused(path, 'is cut off');
      position = aligned(position + length);
      return column;
    });
    const [words, starts, places, frequencies, lengths] = columns as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const text = new TextDecoder().decode(words);
    const { fingerprint, size, totalTerms } = header;
    return {
      fingerprint,
      size,
      totalTerms,
      terms: new Map((text === '' ? [] : text.split('\n')).map((term, number) => [term, number])),
      starts: new Uint32Array(starts.buffer),
      places: new Uint32Array(places.buffer),
      frequencies: new Uint16Array(frequencies.buffer),
      lengths,
    };
  } finally {
    closeSync(file);
  }
}
