import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, openSync } from 'node:fs';

import { fileWriter, readFully } from '../columns-file.js';
import type { SortedPostings } from './inverter.js';
import { decodePostings, encodePostings, mostBytes, postingsBuffer } from './postings.js';

/** A term and its encoded postings; the bytes are valid until the next one. */
export interface TermPostings {
  readonly term: string;
  readonly bytes: Uint8Array;
}

/** How much of a run is read at once. */
const READ = 1 << 18;
/** Before each term: how many bytes it has, and how many its postings. */
const LENGTHS = 8;

/** Writes sorted postings to a file that {@link runFile} reads from one end to the other. */
export function writeRun(path: string, { terms, bytes, starts }: SortedPostings): void {
  const file = openSync(path, 'w');
  try {
    const writer = fileWriter(file);
    for (const [rank, term] of terms.entries()) {
      const text = Buffer.from(term);
      const postings = bytes.subarray(starts[rank], starts[rank + 1]);
      const lengths = Buffer.alloc(LENGTHS);
      lengths.writeUInt32LE(text.length, 0);
      lengths.writeUInt32LE(postings.length, 4);
      writer.write(lengths);
      writer.write(text);
      writer.write(postings);
    }
    writer.flush();
  } finally {
    closeSync(file);
  }
}

/** The terms of postings in memory. */
export function* runInMemory({ terms, bytes, starts }: SortedPostings): Generator<TermPostings> {
  for (const [rank, term] of terms.entries())
    yield { term, bytes: bytes.subarray(starts[rank], starts[rank + 1]) };
}

/** The terms of a file of {@link writeRun}. */
export function* runFile(path: string): Generator<TermPostings> {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    let buffer = Buffer.alloc(0);
    let [at, position] = [0, 0];
    const take = (count: number): Buffer => {
      if (at + count > buffer.length) {
        const rest = buffer.subarray(at);
        const more = Math.min(Math.max(READ, count), size - position);
        const next = Buffer.alloc(rest.length + more);
        next.set(rest);
        if (!readFully(file, next.subarray(rest.length), position))
          throw new Error(`${path} changed while it was read`);
        position += more;
        [buffer, at] = [next, 0];
      }
      at += count;
      return buffer.subarray(at - count, at);
    };
    while (position < size || at < buffer.length) {
      const lengths = take(LENGTHS);
      const [text, postings] = [lengths.readUInt32LE(0), lengths.readUInt32LE(4)];
      const term = take(text).toString();
      yield { term, bytes: take(postings) };
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Merges runs into one: every term once, ascending. The runs' products ascend from run to run.
 *
 * @param size - how many products there are
 */
export function* mergeRuns(
  runs: readonly Iterator<TermPostings>[],
  size: number,
): Generator<TermPostings> {
  const joined = postingsBuffer(runs.length > 1 ? size : 0);
  let encoded = new Uint8Array(0);
  const heads = runs.map((run) => run.next().value as TermPostings | undefined);
  for (;;) {
    let term: string | undefined;
    for (const head of heads)
      if (head !== undefined && (term === undefined || head.term < term)) ({ term } = head);
    if (term === undefined) return;
    const having = [...heads.keys()].filter((run) => heads[run]?.term === term);
    if (having.length === 1) yield { term, bytes: heads[having[0]!]!.bytes };
    else {
      let count = 0;
      for (const run of having) count += decodePostings(heads[run]!.bytes, joined, count);
      if (encoded.length < mostBytes(count)) encoded = new Uint8Array(2 * mostBytes(count));
      yield { term, bytes: encoded.subarray(0, encodePostings(joined, count, encoded)) };
    }
    for (const run of having) heads[run] = runs[run]!.next().value as TermPostings | undefined;
  }
}
