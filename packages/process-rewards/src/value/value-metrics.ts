/** How good values are on turns whose outcomes are known. */
export interface ValueMetrics {
  readonly turns: number;
  /** Mean binary cross-entropy against the targets, nats; at least their mean entropy. null without turns. */
  readonly loss: number | null;
  /** See {@link valueCalibrationError}; null without turns. */
  readonly calibrationError: number | null;
  /** See {@link valueAuroc}; null unless there is both success and failure. */
  readonly auroc: number | null;
}

/** A value this close to 0 or 1 is one that float32 rounded. */
const SMALLEST = 2 ** -24;

/** Mean of -(y log p + (1 - y) log(1 - p)). */
function meanLoss(values: ArrayLike<number>, targets: readonly number[]): number {
  const total = targets.reduce((sum, target, i) => {
    const value = Math.min(1 - SMALLEST, Math.max(SMALLEST, values[i]!));
    return sum - target * Math.log(value) - (1 - target) * Math.log(1 - value);
  }, 0);
  return total / targets.length;
}

/**
 * The expected calibration error of values: [0, 1] is cut into k bins of equal width, and
 *
 *     ECE = sum_b (n_b / n) |mean value in b - mean target in b|   (Guo et al., arXiv 1706.04599, equation 3).
 *
 * @param bins - k
 * @returns in [0, 1]; null without values
 */
export function valueCalibrationError(
  values: ArrayLike<number>,
  targets: readonly number[],
  bins = 10,
): number | null {
  if (targets.length === 0) return null;
  const excess = new Float64Array(bins);
  targets.forEach((target, i) => {
    excess[Math.min(bins - 1, Math.floor(values[i]! * bins))]! += values[i]! - target;
  });
  return excess.reduce((total, gap) => total + Math.abs(gap), 0) / targets.length;
}

/**
 * The area under the receiver operating characteristic for soft targets: a turn of target y is a success of weight y and a failure of weight
 * 1 - y; the chance that a success drawn so has a larger value than a failure drawn so, a tie counting half. With targets of 0 and 1 it
 * is the usual one; with others even the true values score less than 1.
 *
 * @returns in [0, 1]; null unless there is both success and failure
 */
export function valueAuroc(values: ArrayLike<number>, targets: readonly number[]): number | null {
  const order = [...targets.keys()].sort((a, b) => values[a]! - values[b]!);
  let [won, successes, failures] = [0, 0, 0];
  for (let at = 0; at < order.length;) {
    let [tiedSuccesses, tiedFailures] = [0, 0];
    const value = values[order[at]!]!;
    for (; at < order.length && values[order[at]!] === value; at++) {
      tiedSuccesses += targets[order[at]!]!;
      tiedFailures += 1 - targets[order[at]!]!;
    }
    won += tiedSuccesses * (failures + tiedFailures / 2);
    successes += tiedSuccesses;
    failures += tiedFailures;
  }
  return successes === 0 || failures === 0 ? null : won / (successes * failures);
}

/** Measures values against targets in [0, 1]. */
export function measureValues(values: ArrayLike<number>, targets: readonly number[]): ValueMetrics {
  return {
    turns: targets.length,
    loss: targets.length === 0 ? null : meanLoss(values, targets),
    calibrationError: valueCalibrationError(values, targets),
    auroc: valueAuroc(values, targets),
  };
}
