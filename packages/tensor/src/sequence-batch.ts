import { InvalidInputError } from '@spark-rl/core';

/** A row of token ids, and which of them are trained. */
export interface SequenceRow {
  readonly tokens: Int32Array;
  /** Where the trained tokens stand in `tokens`, ascending; each at least 1, since the token before it predicts it. */
  readonly targets: Int32Array;
}

/** Rows padded to one length, as a language model takes them. n is the number of targets, rounded up to even shapes. */
export interface SequenceBatch {
  /** Which rows these are: indices into the list that was batched. */
  readonly rows: readonly number[];
  readonly batch: number;
  readonly time: number;
  /** Shape [batch * time], row-major, padded at the end of each row with id 0. */
  readonly tokens: Int32Array;
  /** Shape [n]: for each target the index in `tokens` of the position that predicts it. */
  readonly positions: Int32Array;
  /** Shape [n]: the token to be predicted there. */
  readonly targetTokens: Int32Array;
  /** How many of the n targets are real; the others are padding (position 0, token 0) and must weigh nothing. */
  readonly targetCount: number;
}

/** How rows are put together. */
export interface SequenceBatchOptions {
  /** The most padded tokens (batch times time) of a batch; a single longer row still makes a batch of its own. */
  readonly tokenBudget: number;
  /** The longest row that the model takes; padding does not exceed it. */
  readonly contextLength: number;
}

// Few different shapes: engines plan memory and kernels once for each.
const MULTIPLE = 32;
/** The next multiple of 32, at least 32. */
export const roundUp = (n: number): number => Math.max(1, Math.ceil(n / MULTIPLE)) * MULTIPLE;

/** Whether `tokens` begin with `first` and then `second`: whether a prompt goes on from an earlier prompt and its response. */
export function continuesTokens(
  tokens: Int32Array,
  first: Int32Array,
  second: Int32Array,
): boolean {
  if (tokens.length < first.length + second.length) return false;
  for (let i = 0; i < first.length; i++) if (tokens[i] !== first[i]) return false;
  for (let i = 0; i < second.length; i++) if (tokens[first.length + i] !== second[i]) return false;
  return true;
}

/** Refuses a row that is too long or has targets out of range, by its index. */
export function checkRow(
  { tokens, targets }: SequenceRow,
  index: number,
  contextLength: number,
): void {
  const wrong = targets.findIndex((target, i) => target < Math.max(1, (targets[i - 1] ?? 0) + 1));
  if (wrong >= 0 || (targets.at(-1) ?? 0) >= tokens.length) {
    throw new InvalidInputError(`row ${index} has targets out of range or order`, {
      field: 'targets',
      value: [...targets],
      remedy: 'Give ascending positions from 1 to the length of the row less 1.',
    });
  }
  if (tokens.length > contextLength) {
    throw new InvalidInputError(
      `row ${index} has ${tokens.length} tokens, the model takes ${contextLength}`,
      {
        field: 'tokens',
        value: tokens.length,
        remedy: 'Shorten prompts or responses, or use a model with a longer context.',
      },
    );
  }
}

/** Targets padded to an even number: positions and tokens of padding are 0. */
export function padTargets(
  positions: readonly number[],
  targetTokens: readonly number[],
): Pick<SequenceBatch, 'positions' | 'targetTokens' | 'targetCount'> {
  const padded = (values: readonly number[]): Int32Array => {
    const all = new Int32Array(roundUp(values.length));
    all.set(values);
    return all;
  };
  return {
    positions: padded(positions),
    targetTokens: padded(targetTokens),
    targetCount: positions.length,
  };
}

function padRows(
  rows: readonly SequenceRow[],
  chosen: readonly number[],
  time: number,
): SequenceBatch {
  const tokens = new Int32Array(chosen.length * time);
  const positions: number[] = [];
  const targetTokens: number[] = [];
  for (const [place, row] of chosen.entries()) {
    const sequence = rows[row]!;
    tokens.set(sequence.tokens, place * time);
    for (const target of sequence.targets) {
      positions.push(place * time + target - 1);
      targetTokens.push(sequence.tokens[target]!);
    }
  }
  const targets = padTargets(positions, targetTokens);
  return { rows: chosen, batch: chosen.length, time, tokens, ...targets };
}

/** How long a row is when it is padded as {@link batchSequences} does: so many tokens of a budget it takes. */
export const paddedLength = (length: number, contextLength: number): number =>
  Math.min(contextLength, roundUp(length));

/** Rows that are padded to the same length. */
interface Bucket {
  readonly time: number;
  readonly rows: readonly number[];
}

/** Buckets from the longest padded length to the shortest; rows in their order. */
function bucketRows(rows: readonly SequenceRow[], contextLength: number): Bucket[] {
  const byTime = new Map<number, number[]>();
  for (const [row, { tokens }] of rows.entries()) {
    const time = paddedLength(tokens.length, contextLength);
    const bucket = byTime.get(time);
    if (bucket === undefined) byTime.set(time, [row]);
    else bucket.push(row);
  }
  return [...byTime].sort(([a], [b]) => b - a).map(([time, members]) => ({ time, rows: members }));
}

const rowsPerBatch = (time: number, tokenBudget: number): number =>
  Math.max(1, Math.floor(tokenBudget / time));

/** What a batch costs beside its tokens, in tokens, as a share of the budget: starting a run is not free. */
const RUN_SHARE = 1 / 16;

/**
 * Joins neighbouring buckets where that is cheaper than padding less: the cut into groups with the least padded tokens plus cost of runs,
 * found from the shortest bucket on.
 */
function joinBuckets(buckets: readonly Bucket[], tokenBudget: number): Bucket[] {
  const cheapest: { readonly cost: number; readonly end: number }[] = [];
  for (let start = buckets.length - 1; start >= 0; start--) {
    const { time } = buckets[start]!;
    let best = { cost: Infinity, end: start };
    let count = 0;
    for (let end = start; end < buckets.length; end++) {
      count += buckets[end]!.rows.length;
      const runs = Math.ceil(count / rowsPerBatch(time, tokenBudget));
      const rest = cheapest[end + 1]?.cost ?? 0;
      const cost = count * time + runs * tokenBudget * RUN_SHARE + rest;
      if (cost < best.cost) best = { cost, end };
    }
    cheapest[start] = best;
  }
  const joined: Bucket[] = [];
  for (let start = 0; start < buckets.length; start = cheapest[start]!.end + 1) {
    const group = buckets.slice(start, cheapest[start]!.end + 1);
    joined.push({ time: group[0]!.time, rows: group.flatMap((bucket) => bucket.rows) });
  }
  return joined;
}

/**
 * Puts rows of like length together under a token budget, and pads them to multiples of 32. Every row stands in exactly one batch. Longest
 * first, so that a budget too large for the memory shows at once; deterministic in the rows.
 *
 * @throws InvalidInputError naming a row that is too long or has targets out of range
 */
export function batchSequences(
  rows: readonly SequenceRow[],
  { tokenBudget, contextLength }: SequenceBatchOptions,
): SequenceBatch[] {
  for (const [index, row] of rows.entries()) checkRow(row, index, contextLength);
  return joinBuckets(bucketRows(rows, contextLength), tokenBudget).flatMap((bucket) => {
    const size = rowsPerBatch(bucket.time, tokenBudget);
    return Array.from({ length: Math.ceil(bucket.rows.length / size) }, (_, i) => {
      // Longest first, so the first row of a batch tells its length.
      const chosen = bucket.rows.slice(i * size, (i + 1) * size);
      return padRows(rows, chosen, paddedLength(rows[chosen[0]!]!.tokens.length, contextLength));
    });
  });
}

/** Lays values that belong to the targets of each row out as the batch has them, shape [n]; padding gets 0. */
export function alignToTargets(
  batch: Pick<SequenceBatch, 'rows' | 'positions'>,
  valuesOf: (row: number) => ArrayLike<number>,
): Float32Array {
  const aligned = new Float32Array(batch.positions.length);
  let at = 0;
  for (const row of batch.rows) {
    const values = valuesOf(row);
    aligned.set(values, at);
    at += values.length;
  }
  return aligned;
}
