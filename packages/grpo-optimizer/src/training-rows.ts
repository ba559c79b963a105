import { collapseShifted } from './objective/collapsed-credit.js';
import { recordedLogProbs, type PackedRow } from './packed-rows.js';

/** A row with the numbers that the loss reads at each of its targets; all of the length of `row.targets`. */
export interface TrainingRow {
  readonly row: PackedRow;
  readonly oldLogProbs: ArrayLike<number>;
  /** P and Q before they are divided by the aggregation's divisor. */
  readonly positive: Float64Array;
  readonly negative: Float64Array;
}

/** What may differ from token to token; all of the length of the row's targets. */
export interface TokenAdjustments {
  /** log p of the policy that the ratio is measured from. Default: as recorded at sampling. */
  readonly oldLogProbs?: ArrayLike<number> | undefined;
  /** Taken off every advantage: a penalty in the reward. Default 0. */
  readonly penalty?: ArrayLike<number> | undefined;
  /** Multiplies P and Q: importance weights, masks. Default 1. */
  readonly factor?: ArrayLike<number> | undefined;
}

/**
 * Lays the credits of a row out over its targets. With a penalty b_t and a factor f_t,
 *
 *     P_t = f_t sum_i w_i max(A_i - b_t, 0)        Q_t = f_t sum_i w_i min(A_i - b_t, 0)
 *
 * Both are the same for all copies of a turn, so that what is trained once still equals its copies.
 */
export function trainingRow(
  row: PackedRow,
  { oldLogProbs, penalty, factor }: TokenAdjustments = {},
): TrainingRow {
  const positive = new Float64Array(row.targets.length);
  const negative = new Float64Array(row.targets.length);
  let at = 0;
  for (const trained of row.turns) {
    const end = at + trained.turn.generation.responseTokens.length;
    for (; at < end; at++) {
      const credit =
        penalty === undefined ? trained : collapseShifted(trained.credit, penalty[at]!);
      const scale = factor?.[at] ?? 1;
      positive[at] = scale * credit.positive;
      negative[at] = scale * credit.negative;
    }
  }
  return { row, oldLogProbs: oldLogProbs ?? recordedLogProbs(row), positive, negative };
}
