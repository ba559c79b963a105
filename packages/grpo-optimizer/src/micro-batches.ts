import { alignToTargets, type HostTensor, type LanguageModel, type Named } from '@spark-rl/tensor';

import type { RatioLevel } from './grpo-loss.js';
import { tokenDivisor, type Aggregation, type WeighedResponse } from './objective/aggregation.js';
import { segmentTensors } from './objective/sequence-ratio.js';
import type { PackedRow, TrainedTurn } from './packed-rows.js';
import { batchRows, type BatchPlan } from './row-batches.js';
import type { TrainingRow } from './training-rows.js';

/** One micro-batch of an optimiser step: the inputs of the loss but for the reference. */
export interface MicroBatch {
  readonly rows: readonly TrainingRow[];
  /** Inputs of the log-probability program; part of `inputs`. */
  readonly forward: Named<HostTensor>;
  readonly inputs: Named<HostTensor>;
  /** How many of the targets are real; the others are padding. */
  readonly targetCount: number;
  /** Padded tokens that go through the model. */
  readonly paddedTokens: number;
}

/** How the rows of an optimiser step become micro-batches. */
export interface MicroBatchPlan extends BatchPlan {
  /** Default `token-mean`. */
  readonly aggregation?: Aggregation;
  readonly constantLength?: number | undefined;
  /** Default `token`. */
  readonly ratio?: RatioLevel;
}

const lengthOf = ({ turn }: TrainedTurn): number => turn.generation.responseTokens.length;

const weighed = (turn: TrainedTurn): WeighedResponse => ({
  weight: turn.weight,
  length: lengthOf(turn),
});

const divisorOver = (
  rows: readonly { readonly row: PackedRow }[],
  { aggregation = 'token-mean', constantLength }: Omit<MicroBatchPlan, keyof BatchPlan>,
): ((turn: TrainedTurn) => number) => {
  const responses = rows.flatMap(({ row }) => row.turns.map(weighed));
  const divisor = tokenDivisor(aggregation, responses, constantLength);
  return (turn) => divisor(weighed(turn));
};

/** What the weights of all tokens of an optimiser step add up to: 1, but with `constant-length`, where means are to be divided by it. */
export function totalWeight(
  rows: readonly { readonly row: PackedRow }[],
  plan: Omit<MicroBatchPlan, keyof BatchPlan>,
): number {
  const divisorOf = divisorOver(rows, plan);
  return rows
    .flatMap(({ row }) => row.turns)
    .reduce((sum, turn) => sum + (turn.weight * lengthOf(turn)) / divisorOf(turn), 0);
}

/**
 * Makes the micro-batches of one optimiser step. Credits and weights are divided as the aggregation says over the whole step, so that the
 * losses of the micro-batches add up to those of one batch. Padding weighs nothing.
 */
export function microBatches(
  model: LanguageModel,
  rows: readonly TrainingRow[],
  plan: MicroBatchPlan,
): MicroBatch[] {
  const divisorOf = divisorOver(rows, plan);
  /** Values of a row's targets, each divided as its turn says. */
  const divided = (
    { row }: TrainingRow,
    valueAt: (target: number, turn: TrainedTurn) => number,
  ): Float32Array => {
    const values = new Float32Array(row.targets.length);
    let at = 0;
    for (const turn of row.turns) {
      const divisor = divisorOf(turn);
      for (const end = at + lengthOf(turn); at < end; at++)
        values[at] = valueAt(at, turn) / divisor;
    }
    return values;
  };
  const sequences = rows.map(({ row }) => row);
  return batchRows(model, sequences, plan).map((batch) => {
    const aligned = (valuesOf: (row: TrainingRow) => ArrayLike<number>): HostTensor => {
      const data = alignToTargets(batch, (row) => valuesOf(rows[row]!));
      return { dtype: 'float32', shape: [data.length], data };
    };
    const chosen = batch.rows.map((index) => rows[index]!);
    const { forward, paddedTokens } = batch;
    const segments = (): Named<HostTensor> => {
      const lengths = chosen.flatMap(({ row }) =>
        plan.ratio === 'path' ? [row.targets.length] : row.turns.map(lengthOf),
      );
      return segmentTensors(lengths, batch.positions.length);
    };
    return {
      rows: chosen,
      forward,
      inputs: {
        ...forward,
        ...((plan.ratio ?? 'token') === 'token' ? {} : segments()),
        oldLogProbs: aligned(({ oldLogProbs }) => oldLogProbs),
        positive: aligned((row) => divided(row, (at) => row.positive[at]!)),
        negative: aligned((row) => divided(row, (at) => row.negative[at]!)),
        weight: aligned((row) => divided(row, (_, { weight }) => weight)),
      },
      targetCount: batch.targetCount,
      paddedTokens,
    };
  });
}
