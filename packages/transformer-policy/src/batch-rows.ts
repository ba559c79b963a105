import type { GenerationCall } from './generation-call.js';
import { keyValuePool, SLOT_STEP, type CacheShape, type KeyValuePool } from './key-value-pool.js';
import type { PrefixCache, PrefixMatch } from './prefix-cache.js';

/** A call in work. */
export interface Row {
  readonly call: GenerationCall;
  /** How many of its tokens the pool has keys and values of. */
  fed: number;
  /** Rows that came earlier have a smaller one. */
  readonly arrival: number;
}

/** A call that gets a row, and what the cache knows of its prompt. */
export interface Seated {
  readonly call: GenerationCall;
  readonly match: PrefixMatch;
}

/**
 * Calls and their rows of the pool, the same index for both. The rows that decode stand first, since the decoder takes neighbours: behind
 * them stand those whose prompt is not yet known.
 */
export interface BatchRows {
  readonly pool: KeyValuePool;
  readonly all: () => readonly Row[];
  /** How many rows have their whole prompt in the pool. */
  readonly decoding: () => number;
  /** Gives calls rows at the end, those with the least to prefill first, and loads what the cache knows. */
  readonly seat: (seated: readonly Seated[]) => void;
  /** Moves the `count` rows that wait longest for their prompt to the front of those that do. */
  readonly bringOldest: (count: number) => void;
  /** Lets a row whose prompt is known decode. */
  readonly startDecoding: (row: Row) => void;
  /** Remembers the first `length` tokens of a row in the cache. */
  readonly remember: (row: Row, length: number) => void;
  /** Removes the rows whose call has ended. */
  readonly removeEnded: () => void;
  /** Makes room for one more token in every row that decodes. */
  readonly reserveStep: () => void;
  /** Removes all rows. */
  readonly clear: () => readonly Row[];
}

/** Opens rows for at most `maxRows` calls. */
export function batchRows(shape: CacheShape, maxRows: number, cache: PrefixCache): BatchRows {
  // One more: a lone row is fed with the row after it as its neighbour (see the decoder), and rows change places through it.
  const pool = keyValuePool(shape, maxRows + 1);
  const spare = maxRows;
  const rows: Row[] = [];
  let arrived = 0;
  let decoding = 0;

  const reserve = (length: number): void => {
    const slots = pool.slots();
    if (length > slots || length + 2 * SLOT_STEP <= slots)
      pool.resize(
        length,
        rows.map((row) => row.fed),
      );
  };
  /** What a prompt that is still read will take is kept free: the stride must not shrink between two of its chunks. */
  const longest = (): number =>
    Math.max(0, ...rows.map(({ call, fed }) => Math.max(fed, call.prompt.length)));

  const swap = (a: number, b: number): void => {
    if (a === b) return;
    const [first, second] = [rows[a]!, rows[b]!];
    pool.copyRow(a, spare, first.fed);
    pool.copyRow(b, a, second.fed);
    pool.copyRow(spare, b, first.fed);
    rows[a] = second;
    rows[b] = first;
  };
  const put = (from: number, to: number): void => {
    if (from === to) return;
    pool.copyRow(from, to, rows[from]!.fed);
    rows[to] = rows[from]!;
  };
  const remember = (row: Row, length: number): void => {
    const index = rows.indexOf(row);
    cache.insert(row.call.tokens, length, (start, end) => pool.store(index, start, end));
  };

  return {
    pool,
    all: () => rows,
    decoding: () => decoding,
    seat: (seated) => {
      const left = ({ call, match }: Seated): number => call.prompt.length - match.length;
      const ordered = [...seated].sort((a, b) => left(a) - left(b));
      reserve(Math.max(longest(), ...seated.map(({ call }) => call.prompt.length)));
      for (const { call, match } of ordered) {
        let start = 0;
        for (const run of match.runs) {
          pool.load(rows.length, start, run.segment, 0, run.length);
          start += run.length;
        }
        rows.push({ call, fed: match.length, arrival: arrived++ });
      }
    },
    bringOldest: (count) => {
      if (decoding + count >= rows.length) return;
      const oldest = rows
        .slice(decoding)
        .sort((a, b) => a.arrival - b.arrival)
        .slice(0, count);
      const late = new Set(oldest);
      for (let index = decoding; index < decoding + count; index++) {
        if (late.delete(rows[index]!)) continue;
        const next = rows.findIndex((row, at) => at >= decoding + count && late.has(row));
        late.delete(rows[next]!);
        swap(index, next);
      }
    },
    startDecoding: (row) => {
      swap(decoding, rows.indexOf(row));
      decoding += 1;
    },
    remember,
    removeEnded: () => {
      for (let index = rows.length - 1; index >= 0; index--) {
        const row = rows[index]!;
        if (!row.call.settled()) continue;
        remember(row, row.fed);
        let hole = index;
        if (index < decoding) {
          decoding -= 1;
          put(decoding, index);
          hole = decoding;
        }
        put(rows.length - 1, hole);
        rows.pop();
      }
    },
    reserveStep: () => reserve(longest() + 1),
    clear: () => {
      decoding = 0;
      return rows.splice(0);
    },
  };
}
