import { InvalidInputError } from '@spark-rl/core';
import {
  batchSequences,
  batchTries,
  type HostTensor,
  type LanguageModel,
  type ModelProgram,
  type Named,
  type SequenceBatch,
  type SequenceRow,
} from '@spark-rl/tensor';

/** Whether rows stand side by side, or laid over each other where they begin alike. */
export type Packing = 'rows' | 'tries';

/** How rows go through the model together. */
export interface BatchPlan {
  /** Tokens of a micro-batch: padded ones of rows, those of a trie before padding. */
  readonly tokenBudget: number;
  /** Default `rows`. */
  readonly packing?: Packing;
}

/** Rows that go through the model together. */
export interface RowBatch extends Pick<SequenceBatch, 'rows' | 'positions' | 'targetCount'> {
  /** Inputs of the log-probability program. */
  readonly forward: Named<HostTensor>;
  /** Padded tokens that go through the model. */
  readonly paddedTokens: number;
}

/**
 * The model as losses are to see it.
 *
 * @throws InvalidInputError when it cannot take tries
 */
export function programOf(model: LanguageModel, packing: Packing): ModelProgram {
  if (packing === 'rows') return model;
  if (model.tries !== undefined) return { ...model, ...model.tries };
  throw new InvalidInputError('this model cannot take rows that share their beginnings', {
    field: 'packing',
    value: packing,
    remedy: "Take packing 'rows', or give a model that offers tries.",
  });
}

const targetsOf = ({
  positions,
  targetTokens,
}: Pick<SequenceBatch, 'positions' | 'targetTokens'>): Named<HostTensor> => {
  const shape = [positions.length];
  return {
    targetPositions: { dtype: 'int32', shape, data: positions },
    targetTokens: { dtype: 'int32', shape, data: targetTokens },
  };
};

/** Puts rows together, by length or by their beginnings, as {@link programOf} takes them. Every row stands in exactly one batch. */
export function batchRows(
  model: LanguageModel,
  rows: readonly SequenceRow[],
  { tokenBudget, packing = 'rows' }: BatchPlan,
): RowBatch[] {
  const { contextLength, tries } = model;
  if (packing === 'rows' || tries === undefined) {
    return batchSequences(rows, { tokenBudget, contextLength }).map((batch) => ({
      ...batch,
      forward: { ...model.prepare(batch.tokens, batch.batch, batch.time), ...targetsOf(batch) },
      paddedTokens: batch.tokens.length,
    }));
  }
  return batchTries(rows, { tokenBudget, contextLength }).map((batch) => ({
    ...batch,
    forward: { ...tries.prepare(batch), ...targetsOf(batch) },
    paddedTokens: batch.groups.reduce((sum, { tokens }) => sum + tokens.length, 0),
  }));
}
