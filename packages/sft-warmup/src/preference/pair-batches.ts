import {
  alignToTargets,
  batchSequences,
  paddedLength,
  type HostTensor,
  type LanguageModel,
  type Named,
  type SequenceBatch,
  type SequenceRow,
} from '@spark-rl/tensor';

import type { PreferencePair } from './preference-pair.js';

/** log ref of both sides of a pair. */
export interface PairReference {
  readonly chosen: number;
  readonly rejected: number;
}

/** Rows of a list of pairs, each with the pair and side it is of. */
interface PairRow {
  readonly row: SequenceRow;
  readonly pair: number;
  /** 1 for chosen, -1 for rejected. */
  readonly side: 1 | -1;
}

export const pairRows = (pairs: readonly PreferencePair[]): readonly PairRow[] =>
  pairs.flatMap(({ chosen, rejected }, pair) => [
    ...chosen.map((row): PairRow => ({ row, pair, side: 1 })),
    ...rejected.map((row): PairRow => ({ row, pair, side: -1 })),
  ]);

const longest = (pair: PreferencePair): number =>
  [...pair.chosen, ...pair.rejected].reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
const rowCount = ({ chosen, rejected }: PreferencePair): number => chosen.length + rejected.length;

/** Groups pairs so that the padded tokens of each group stay within the budget; a single larger pair makes a group of its own. */
export function groupPairs(
  pairs: readonly PreferencePair[],
  tokenBudget: number,
  contextLength: number,
): readonly (readonly number[])[] {
  // Like lengths together: a group is padded to its longest row.
  const order = [...pairs.keys()].sort((a, b) => longest(pairs[b]!) - longest(pairs[a]!) || a - b);
  const groups: number[][] = [];
  let time = 0;
  let rows = 0;
  for (const index of order) {
    const pair = pairs[index]!;
    const group = groups.at(-1);
    if (group !== undefined && (rows + rowCount(pair)) * time <= tokenBudget) {
      group.push(index);
      rows += rowCount(pair);
    } else {
      groups.push([index]);
      time = paddedLength(longest(pair), contextLength);
      rows = rowCount(pair);
    }
  }
  return groups;
}

/** Under a budget that nothing exceeds all rows make one batch: the two sides of a pair must meet in one loss. */
const UNBOUNDED = 2 ** 40;

/** What the model and the loss need of a batch. */
export const targetTensors = (model: LanguageModel, batch: SequenceBatch): Named<HostTensor> => ({
  ...model.prepare(batch.tokens, batch.batch, batch.time),
  targetPositions: { dtype: 'int32', shape: [batch.positions.length], data: batch.positions },
  targetTokens: { dtype: 'int32', shape: [batch.positions.length], data: batch.targetTokens },
});

/** The micro-batches of one optimiser step: the inputs of `dpoLoss`. */
export function pairMicroBatches(
  model: LanguageModel,
  pairs: readonly PreferencePair[],
  references: readonly PairReference[],
  tokenBudget: number,
): Named<HostTensor>[] {
  const floats = (values: readonly number[], ...shape: number[]): HostTensor => ({
    dtype: 'float32',
    shape: shape.length === 0 ? [values.length] : shape,
    data: Float32Array.from(values),
  });
  return groupPairs(pairs, tokenBudget, model.contextLength).flatMap((group) => {
    const rows = pairRows(group.map((index) => pairs[index]!));
    const batches = batchSequences(
      rows.map(({ row }) => row),
      { tokenBudget: UNBOUNDED, contextLength: model.contextLength },
    );
    return batches.map((batch) => {
      const sides = group.map((_, pair) =>
        alignToTargets(batch, (row) => {
          const { pair: owner, side, row: sequence } = rows[row]!;
          return new Float32Array(sequence.targets.length).fill(owner === pair ? side : 0);
        }),
      );
      return {
        ...targetTensors(model, batch),
        side: floats(
          sides.flatMap((side) => [...side]),
          group.length,
          batch.positions.length,
        ),
        referenceChosen: floats(group.map((index) => references[index]!.chosen)),
        referenceRejected: floats(group.map((index) => references[index]!.rejected)),
        weight: floats(group.map(() => 1 / pairs.length)),
      };
    });
  });
}
