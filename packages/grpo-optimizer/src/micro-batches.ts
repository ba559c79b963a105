import {
  alignToTargets,
  batchSequences,
  type HostTensor,
  type LanguageModel,
  type Named,
} from '@spark-rl/tensor';

import { overTargets, recordedLogProbs, type PackedRow } from './packed-rows.js';

/** One micro-batch of an optimiser step: the inputs of the loss but for the reference. */
export interface MicroBatch {
  /** Inputs of the log-probability program; part of `inputs`. */
  readonly forward: Named<HostTensor>;
  readonly inputs: Named<HostTensor>;
  /** How many of the targets are real; the others are padding. */
  readonly targetCount: number;
  /** Padded tokens that go through the model. */
  readonly paddedTokens: number;
}

export const floats = (data: Float32Array): HostTensor => ({
  dtype: 'float32',
  shape: [data.length],
  data,
});
const integers = (data: Int32Array): HostTensor => ({
  dtype: 'int32',
  shape: [data.length],
  data,
});

/**
 * Makes the micro-batches of one optimiser step. Credits and weights are divided by the sum over turns of W times the response's
 * length, so that the losses of the micro-batches add up to the token mean over the step. Padding weighs nothing.
 */
export function microBatches(
  model: LanguageModel,
  rows: readonly PackedRow[],
  tokenBudget: number,
): MicroBatch[] {
  const total = rows
    .flatMap(({ turns }) => turns)
    .reduce((sum, { weight, turn }) => sum + weight * turn.generation.responseTokens.length, 0);
  const { contextLength } = model;
  return batchSequences(rows, { tokenBudget, contextLength }).map((batch) => {
    const aligned = (valuesOf: (row: PackedRow) => ArrayLike<number>): HostTensor =>
      floats(alignToTargets(batch, (row) => valuesOf(rows[row]!)));
    const forward = {
      ...model.prepare(batch.tokens, batch.batch, batch.time),
      targetPositions: integers(batch.positions),
      targetTokens: integers(batch.targetTokens),
    };
    return {
      forward,
      inputs: {
        ...forward,
        oldLogProbs: aligned(recordedLogProbs),
        positive: aligned((row) => overTargets(row, ({ positive }) => positive / total)),
        negative: aligned((row) => overTargets(row, ({ negative }) => negative / total)),
        weight: aligned((row) => overTargets(row, ({ weight }) => weight / total)),
      },
      targetCount: batch.targetCount,
      paddedTokens: batch.batch * batch.time,
    };
  });
}
