import type { LearningMetrics } from '@spark-rl/core';
import { float64Ops } from '@spark-rl/tensor';

import { entropyThreshold } from './correction/entropy-threshold.js';
import {
  correctionWeights,
  samplerDrift,
  type ImportanceCorrection,
  type SamplerDrift,
} from './correction/importance-correction.js';
import { klEstimate, type KlEstimator } from './objective/kl-estimators.js';
import { recordedLogProbs, type PackedRow } from './packed-rows.js';
import type { RowScore } from './score-rows.js';
import { trainingRow, type TrainingRow } from './training-rows.js';

/** Which adjustments there are. */
export interface AdjustmentSettings {
  readonly importanceCorrection?: ImportanceCorrection | undefined;
  readonly entropyShare: number;
  readonly klCoefficient: number;
  readonly klEstimator: KlEstimator;
  readonly klClamp: number;
}

/** What the adjustments read. */
export interface RowScores {
  /** Of the learner before its first step; needed by the importance correction and by an entropy share below 1. */
  readonly learner?: ReadonlyMap<PackedRow, RowScore> | undefined;
  /** Log-probabilities of the reference, where KL is in the reward. */
  readonly reference?: ReadonlyMap<PackedRow, Float32Array> | undefined;
}

/** The weight of the turn that each target of a row belongs to. */
const weightsOver = (row: PackedRow): number[] =>
  row.turns.flatMap(({ turn, weight }) =>
    Array.from<number>({ length: turn.generation.responseTokens.length }).fill(weight),
  );

function thresholdOver(rows: readonly PackedRow[], scores: RowScores, share: number): number {
  if (share >= 1) return -Infinity;
  const tokens = rows.flatMap((row) => {
    const weights = weightsOver(row);
    const { entropies } = scores.learner!.get(row)!;
    return Array.from(entropies, (entropy, i) => ({ entropy, weight: weights[i]! }));
  });
  return entropyThreshold(tokens, share);
}

/** Corrects turn by turn: a sequence is a response. */
function correctRow(row: PackedRow, now: Float32Array, settings: ImportanceCorrection): number[] {
  let at = 0;
  return row.turns.flatMap(({ turn: { generation } }) => {
    const end = at + generation.logProbs.length;
    const weights = correctionWeights(now.subarray(at, end), generation.logProbs, settings);
    at = end;
    return [...weights];
  });
}

/** log pi - log mu of each target of a row. */
export const logRatios = (row: PackedRow, now: ArrayLike<number>): number[] =>
  recordedLogProbs(row).map((sampled, i) => now[i]! - sampled);

/** {@link SamplerDrift} as metrics. */
export const driftMetrics = (drift: SamplerDrift): LearningMetrics => ({
  maxRatioDeviation: drift.largest,
  samplerRatioMean: drift.mean,
  samplerRatioP95: drift.p95,
  samplerRatioOutside: drift.outside,
});

/**
 * Makes rows ready to train: old log-probabilities, importance weights, the entropy mask, and the penalty b_t = klCoefficient k_t of KL in the
 * reward, on the advantage of the token itself. With k1, on the policy's own samples, its gradient is that of k2 in the loss.
 */
export function adjustRows(
  rows: readonly PackedRow[],
  scores: RowScores,
  settings: AdjustmentSettings,
): { readonly rows: TrainingRow[]; readonly metrics: LearningMetrics } {
  const { importanceCorrection, entropyShare, klCoefficient, klEstimator, klClamp } = settings;
  const threshold = thresholdOver(rows, scores, entropyShare);
  let [tokens, masked, kl, weightSum] = [0, 0, 0, 0];
  const adjusted = rows.map((row) => {
    const score = scores.learner?.get(row);
    const corrected = importanceCorrection !== undefined && score !== undefined;
    const oldLogProbs = corrected ? score.logProbs : undefined;
    const factor = corrected
      ? correctRow(row, score.logProbs, importanceCorrection)
      : Array.from<number>({ length: row.targets.length }).fill(1);
    if (threshold > -Infinity) {
      for (const [i, entropy] of score!.entropies.entries()) {
        if (entropy < threshold) factor[i] = 0;
      }
    }
    tokens += factor.length;
    masked += factor.filter((each) => each === 0).length;
    const reference = scores.reference?.get(row);
    if (reference === undefined) return trainingRow(row, { oldLogProbs, factor });
    const old = float64Ops.constant([...(oldLogProbs ?? recordedLogProbs(row))]);
    const far = float64Ops.constant([...reference]);
    const estimates = klEstimate(float64Ops, klEstimator, old, far, klClamp).data;
    for (const [i, weight] of weightsOver(row).entries()) {
      kl += weight * estimates[i]!;
      weightSum += weight;
    }
    const penalty = Float64Array.from(estimates, (estimate) => klCoefficient * estimate);
    return trainingRow(row, { oldLogProbs, factor, penalty });
  });
  const drift = scores.learner === undefined ? [] : [...scores.learner];
  return {
    rows: adjusted,
    metrics: {
      ...(drift.length > 0 &&
        driftMetrics(
          samplerDrift(drift.flatMap(([row, { logProbs }]) => logRatios(row, logProbs))),
        )),
      ...((importanceCorrection !== undefined || entropyShare < 1) && {
        maskedShare: tokens === 0 ? 0 : masked / tokens,
      }),
      ...(scores.reference !== undefined && { kl: weightSum === 0 ? 0 : kl / weightSum }),
    },
  };
}
