import { randomSource, type RandomKey } from '@spark-rl/core';
import type { SequenceRow } from '@spark-rl/tensor';

/** How long to train, and on how many rows at a time. */
export interface TrainingPlan {
  readonly batchRows: number;
  /** How often every row is seen; not read when `tokens` is given. */
  readonly epochs: number;
  /** Train until at least so many tokens of rows have gone through the model. */
  readonly tokens?: number | undefined;
}

/** How many batches' rows are sorted by length among themselves. */
const BATCHES_PER_WINDOW = 16;

/**
 * One epoch: rows in random order, cut into windows; inside a window rows of like length share a batch, so that little of a batch is
 * padding (about a quarter of all computing on transcripts of 250 to 500 tokens); batches in random order again.
 */
function epochBatches(
  rows: readonly SequenceRow[],
  batchRows: number,
  key: RandomKey,
): readonly number[][] {
  const random = randomSource(key);
  const order = random.shuffle([...rows.keys()]);
  const batches: number[][] = [];
  const window = batchRows * BATCHES_PER_WINDOW;
  for (let from = 0; from < order.length; from += window) {
    const sorted = order
      .slice(from, from + window)
      .sort((a, b) => rows[a]!.tokens.length - rows[b]!.tokens.length);
    for (let at = 0; at < sorted.length; at += batchRows)
      batches.push(sorted.slice(at, at + batchRows));
  }
  return random.shuffle(batches);
}

/**
 * Which rows each optimiser step takes, as indices. Every epoch holds every row once, in batches that a stream of its own chooses, so
 * any step can be found again; one batch of an epoch may be smaller.
 */
export function planBatches(
  rows: readonly SequenceRow[],
  { batchRows, epochs, tokens }: TrainingPlan,
  key: RandomKey,
): number[][] {
  const plan: number[][] = [];
  let seen = 0;
  const goesOn = (epoch: number): boolean =>
    tokens === undefined ? epoch < epochs : seen < tokens;
  for (let epoch = 0; rows.length > 0 && goesOn(epoch); epoch++) {
    for (const batch of epochBatches(rows, batchRows, [...key, 'epoch', epoch])) {
      if (!goesOn(epoch)) break;
      seen += batch.reduce((sum, row) => sum + rows[row]!.tokens.length, 0);
      plan.push(batch);
    }
  }
  return plan;
}
