/** The mean, exactly the common value when all are equal; 0 of nothing. */
export function meanOf(values: readonly number[]): number {
  const [origin = 0] = values;
  if (values.length < 2) return origin;
  return origin + values.reduce((sum, value) => sum + (value - origin), 0) / values.length;
}

/** The mean with weights, of values of which at least one has a positive weight. */
export function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, i) => sum + (weights[i]! / total) * value, 0);
}
