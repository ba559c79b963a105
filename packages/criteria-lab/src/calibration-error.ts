/**
 * The expected calibration error of scores that are read as probabilities of being critical: the range [0, 1] is cut into k bins
 * of equal width, [0, 1/k), ..., [(k-1)/k, 1], and
 *
 *     ECE = Σ_b (n_b / n) |mean score in b - share of critical turns in b|.
 *
 * A tag has the scores 0 and 1 alone: its ECE is `(1 - precision) · trigger rate + missed share of the untagged · (1 - trigger
 * rate)`, the share of turns where tag and label disagree.
 *
 * @param bins - k
 * @returns in [0, 1]; null without scores, or when one is outside [0, 1] and so no probability
 * @see https://arxiv.org/abs/1706.04599 Eq. 3
 */
export function expectedCalibrationError(
  scores: readonly number[],
  labels: readonly boolean[],
  bins = 10,
): number | null {
  if (scores.length === 0 || !scores.every((score) => score >= 0 && score <= 1)) return null;
  // |Σ score - number of positives| of a bin is n_b times what the formula takes the absolute value of.
  const excess = new Float64Array(bins);
  scores.forEach((score, i) => {
    const bin = Math.min(bins - 1, Math.floor(score * bins));
    excess[bin]! += score - Number(labels[i] === true);
  });
  return excess.reduce((total, gap) => total + Math.abs(gap), 0) / scores.length;
}
