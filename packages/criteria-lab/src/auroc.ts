/**
 * The area under the receiver operating characteristic: the chance that a positive drawn at random has a larger score than a
 * negative drawn at random, a tie counting half (the Mann-Whitney statistic U / (P · N)).
 *
 * @param scores - of each case, finite
 * @param labels - whether each case is positive
 * @returns in [0, 1]; 0.5 says nothing about the labels. null unless there are both positives and negatives
 */
export function auroc(scores: readonly number[], labels: readonly boolean[]): number | null {
  const counts = new Map<number, { positives: number; negatives: number }>();
  scores.forEach((score, i) => {
    let at = counts.get(score);
    if (at === undefined) counts.set(score, (at = { positives: 0, negatives: 0 }));
    if (labels[i] === true) at.positives++;
    else at.negatives++;
  });
  let [won, positives, negatives] = [0, 0, 0];
  for (const [, at] of [...counts].sort(([a], [b]) => a - b)) {
    won += at.positives * (negatives + at.negatives / 2);
    positives += at.positives;
    negatives += at.negatives;
  }
  return positives === 0 || negatives === 0 ? null : won / (positives * negatives);
}
