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
const roundUp = (n: number): number => Math.ceil(n / MULTIPLE) * MULTIPLE;

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

function checkRow({ tokens, targets }: SequenceRow, index: number, contextLength: number): void {
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

function padRows(
  rows: readonly SequenceRow[],
  chosen: readonly number[],
  time: number,
): SequenceBatch {
  const tokens = new Int32Array(chosen.length * time);
  const targetCount = chosen.reduce((sum, row) => sum + rows[row]!.targets.length, 0);
  const positions = new Int32Array(Math.max(MULTIPLE, roundUp(targetCount)));
  const targetTokens = new Int32Array(positions.length);
  let at = 0;
  for (const [place, row] of chosen.entries()) {
    const sequence = rows[row]!;
    tokens.set(sequence.tokens, place * time);
    for (const target of sequence.targets) {
      positions[at] = place * time + target - 1;
      targetTokens[at++] = sequence.tokens[target]!;
    }
  }
  return { rows: chosen, batch: chosen.length, time, tokens, positions, targetTokens, targetCount };
}

/**
 * Puts rows of like length together under a token budget, and pads them. Every row stands in exactly one batch. Longest first, so
 * that a budget too small shows at once; deterministic in the rows.
 *
 * @throws InvalidInputError naming a row that is too long or has targets out of range
 */
export function batchSequences(
  rows: readonly SequenceRow[],
  { tokenBudget, contextLength }: SequenceBatchOptions,
): SequenceBatch[] {
  for (const [index, row] of rows.entries()) checkRow(row, index, contextLength);
  const timeOf = (row: number): number =>
    Math.min(contextLength, Math.max(MULTIPLE, roundUp(rows[row]!.tokens.length)));
  const order = [...rows.keys()].sort(
    (a, b) => rows[b]!.tokens.length - rows[a]!.tokens.length || a - b,
  );
  const batches: SequenceBatch[] = [];
  for (let start = 0; start < order.length;) {
    const time = timeOf(order[start]!);
    let end = start + 1;
    // A row under half the batch's length would be mostly padding: it waits for a shorter batch.
    while (
      end < order.length &&
      (end - start + 1) * time <= tokenBudget &&
      2 * timeOf(order[end]!) >= time
    ) {
      end++;
    }
    batches.push(padRows(rows, order.slice(start, end), time));
    start = end;
  }
  return batches;
}

/** Lays values that belong to the targets of each row out as the batch has them, shape [n]; padding gets 0. */
export function alignToTargets(
  batch: SequenceBatch,
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
