import { InvalidInputError } from '@spark-rl/core';
import { batchSequences, type HostTensor, type Named, type ValueModel } from '@spark-rl/tensor';

/** Rows of like length, padded, with the places of their last tokens. */
export interface ValueBatch {
  /** Which rows these are: indices into the list that was batched. */
  readonly rows: readonly number[];
  /** What the model needs, and `positions` [n]. */
  readonly inputs: Named<HostTensor>;
  /** n: the rows, rounded up to even shapes. */
  readonly places: number;
}

/** The input of a program that says where values are read. */
export const POSITIONS = { positions: { dtype: 'int32', shape: ['value'] } } as const;

/** Refuses a row that the model cannot read. */
export function checkLength({ length }: Int32Array, contextLength: number, name: string): void {
  if (length >= 2 && length <= contextLength) return;
  throw new InvalidInputError(
    `${name} has ${length} tokens, the model of values takes 2 to ${contextLength}`,
    {
      field: 'tokens',
      value: length,
      remedy: 'Use a model with a longer context, or leave such turns out.',
    },
  );
}

/**
 * Puts rows together of which the values at the last tokens are wanted.
 *
 * @param batchTokens - the most padded tokens of a batch; a longer row makes a batch of its own
 * @param nameOf - what a row is called in errors
 * @throws InvalidInputError naming a row that is too short or too long
 */
export function valueBatches(
  model: ValueModel,
  rows: readonly Int32Array[],
  batchTokens: number,
  nameOf: (row: number) => string,
): ValueBatch[] {
  const { contextLength } = model;
  for (const [row, tokens] of rows.entries()) checkLength(tokens, contextLength, nameOf(row));
  const sequences = rows.map((tokens) => ({ tokens, targets: Int32Array.of(tokens.length - 1) }));
  return batchSequences(sequences, { tokenBudget: batchTokens, contextLength }).map((batch) => {
    // Batches say what predicts the last token; the value is read one further on, at the last token itself. Padding stays at 0.
    const data = batch.positions.map((position, i) => position + Number(i < batch.targetCount));
    return {
      rows: batch.rows,
      places: data.length,
      inputs: {
        ...model.prepare(batch.tokens, batch.batch, batch.time),
        positions: { dtype: 'int32', shape: [data.length], data },
      },
    };
  });
}
