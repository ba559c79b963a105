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

/**
 * Which rows each optimiser step takes, as indices. Every epoch shuffles the rows by a stream of its own, so any step can be found again;
 * the last batch of an epoch may be smaller. Rows of like length are not put together: it would save padding, but on transcripts of agents
 * length goes with the kind of task and with success, and small batches of one kind taught a small model markedly worse.
 */
export function planBatches(
  rows: readonly SequenceRow[],
  { batchRows, epochs, tokens }: TrainingPlan,
  key: RandomKey,
): number[][] {
  const batches: number[][] = [];
  let seen = 0;
  const goesOn = (epoch: number): boolean =>
    tokens === undefined ? epoch < epochs : seen < tokens;
  for (let epoch = 0; rows.length > 0 && goesOn(epoch); epoch++) {
    const order = randomSource([...key, 'epoch', epoch]).shuffle([...rows.keys()]);
    for (let at = 0; at < order.length && goesOn(epoch); at += batchRows) {
      const batch = order.slice(at, at + batchRows);
      seen += batch.reduce((sum, row) => sum + rows[row]!.tokens.length, 0);
      batches.push(batch);
    }
  }
  return batches;
}
