import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { bytesOf, decodeLines, encodeLines, readColumns, writeColumns } from '../columns-file.js';
import type { SearchIndex } from './search-index.js';

/** The kind of file; its number changes with the form and with the analysis of texts. */
const KIND = 'SPARKWS1';

const headerSchema = z.object({
  fingerprint: z.string(),
  size: z.int().min(0),
  totalTerms: z.int().min(0),
});

/** Saves an index, so that a large catalogue is indexed only once. The file is complete or not there. */
export function writeSearchIndex(path: string, index: SearchIndex): void {
  const { fingerprint, size, totalTerms } = index;
  writeColumns(path, KIND, {
    header: { fingerprint, size, totalTerms },
    columns: [
      encodeLines(index.terms.keys()),
      bytesOf(index.starts),
      bytesOf(index.places),
      bytesOf(index.frequencies),
      index.lengths,
    ],
  });
}

/**
 * Reads an index that {@link writeSearchIndex} saved.
 *
 * @throws InvalidInputError when the file cannot be read, is none, or is cut off
 */
export function readSearchIndex(path: string): SearchIndex {
  const file = readColumns(path, KIND);
  const header = parseInput(headerSchema, file.header, `header of ${path}`);
  const [words, starts, places, frequencies, lengths] = file.columns;
  if (
    words === undefined ||
    starts === undefined ||
    places === undefined ||
    frequencies === undefined ||
    lengths === undefined
  ) {
    throw new InvalidInputError(`${path} lacks a column`, {
      field: path,
      value: path,
      remedy: 'Build the index anew.',
    });
  }
  return {
    ...header,
    terms: new Map(decodeLines(words).map((term, number) => [term, number])),
    starts: new Uint32Array(starts.buffer),
    places: new Uint32Array(places.buffer),
    frequencies: new Uint16Array(frequencies.buffer),
    lengths,
  };
}
