import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { Catalogue } from '../catalogue/catalogue.js';
import { bytesOf, openColumns, storageError, writeColumns } from '../columns-file.js';
import { growing } from '../growing.js';
import { encodeTexts, textList } from '../text-list.js';
import type { SortedPostings } from './inverter.js';
import { mergeRuns, runFile, runInMemory, writeRun, type TermPostings } from './merge-runs.js';
import { invertCatalogue, type IndexedTexts, type SearchIndex } from './search-index.js';

/** The kind of file; its number changes with the form and with the analysis of texts. */
const KIND = 'SPARKWS2';

const headerSchema = z.object({
  fingerprint: z.string(),
  size: z.int().min(0),
  totalTerms: z.int().min(0),
});

/** The columns of the file. */
const POSTINGS = 0;
const STARTS = 1;
const TERMS = 2;
const TERM_STARTS = 3;
const LENGTHS = 4;

/** How postings are collected before they go to disk. */
export interface SaveOptions {
  /** How many postings are held in memory, about 20 bytes each; default 16 million. */
  readonly most?: number;
  /** Is told how many products were read, after each. */
  readonly onProduct?: (count: number) => void;
}

const optionsSchema = z.strictObject({
  most: z.int().min(1).default(16_000_000),
  onProduct: z.custom<(count: number) => void>((value) => typeof value === 'function').optional(),
});

/** Writes an index of merged postings. */
function writeIndex(path: string, texts: IndexedTexts, merged: Iterable<TermPostings>): void {
  writeColumns(path, KIND, ({ begin, write }) => {
    const terms: string[] = [];
    const starts = growing((length) => new Float64Array(length));
    let position = 0;
    begin();
    for (const { term, bytes } of merged) {
      terms.push(term);
      starts.push(position);
      write(bytes);
      position += bytes.length;
    }
    starts.push(position);
    const encoded = encodeTexts(terms);
    for (const column of [starts.values(), encoded.bytes, encoded.starts, texts.lengths]) {
      begin();
      write(bytesOf(column));
    }
    const { fingerprint, size, totalTerms } = texts;
    return { fingerprint, size, totalTerms };
  });
}

/**
 * Indexes a catalogue into a file, in memory that grows with the number of different terms and not with the texts: postings are
 * sorted in runs, which lie beside the file until they are merged. The file is complete or not there.
 *
 * @throws InvalidInputError when an option is wrong or the file cannot be written, such as on a full disk
 */
export function saveSearchIndex(
  catalogue: Catalogue,
  path: string,
  options: SaveOptions = {},
): void {
  const { most, onProduct } = parseInput(optionsSchema, options, 'options of saveSearchIndex');
  const folder = `${path}.runs`;
  try {
    rmSync(folder, { recursive: true, force: true });
    const runs: string[] = [];
    const spill = (postings: SortedPostings): void => {
      mkdirSync(folder, { recursive: true });
      const run = join(folder, String(runs.length));
      writeRun(run, postings);
      runs.push(run);
    };
    const { texts, rest } = invertCatalogue(catalogue, { most, spill, onProduct });
    const all = [...runs.map((run) => runFile(run)), runInMemory(rest)];
    writeIndex(path, texts, mergeRuns(all, catalogue.size));
  } catch (cause) {
    throw storageError(path, cause);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Opens an index that {@link saveSearchIndex} made. Its terms are in memory; postings are read when a query needs them. Close
 * it when it is no longer needed.
 *
 * @throws InvalidInputError when the file cannot be read, is none of this version, or is cut off
 */
export function readSearchIndex(path: string): SearchIndex {
  const file = openColumns(path, KIND);
  const header = parseInput(headerSchema, file.header, `header of ${path}`);
  const starts = new Float64Array(file.column(STARTS).buffer);
  let scratch = new Uint8Array(0);
  return {
    ...header,
    terms: textList({
      bytes: file.column(TERMS),
      starts: new Uint32Array(file.column(TERM_STARTS).buffer),
    }),
    postings: (term) => {
      const [from, to] = [starts[term]!, starts[term + 1]!];
      if (to - from > scratch.length) scratch = new Uint8Array(2 * (to - from));
      const bytes = scratch.subarray(0, to - from);
      file.read(POSTINGS, from, bytes);
      return bytes;
    },
    lengths: file.column(LENGTHS),
    close: file.close,
  };
}
