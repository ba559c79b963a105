/** How values become advantages. */
export interface Normalisation {
  /** Whether to divide by the standard deviation. */
  readonly std: boolean;
  /** Degrees of freedom taken off: 1 is the sample's standard deviation, 0 the population's. */
  readonly ddof: 0 | 1;
  /** Added to the standard deviation. */
  readonly epsilon: number;
}

/** What sums of a few dozen values lose to rounding, as a share of the largest. */
const ROUNDING = 32 * Number.EPSILON;

/**
 * Whether no value differs from another by more than rounding: means of equal rewards over different leaves differ in their last bits,
 * and dividing by the deviation of last bits would make advantages of them.
 */
export function allEqual(values: readonly number[]): boolean {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return most - least <= ROUNDING * Math.max(Math.abs(least), Math.abs(most));
}

/**
 * Group normalisation of GRPO (arXiv 2402.03300, section 4.1.2) with weights: with v_i = w_i / sum w,
 *
 *     mean = sum v_i x_i        std = sqrt(sum v_i (x_i - mean)^2 / (1 - ddof sum v_i^2))
 *     A_i = (x_i - mean) / (std + epsilon)
 *
 * Equal weights give the ordinary mean and standard deviation. When all values are equal every advantage is exactly 0, whatever
 * rounding does to the mean.
 *
 * @param values - x, one or more finite numbers
 * @param weights - w, positive, one for each value; equal weights when absent
 */
export function normalise(
  values: readonly number[],
  { std, ddof, epsilon }: Normalisation,
  weights?: readonly number[],
): number[] {
  if (allEqual(values)) return values.map(() => 0);
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? values.length;
  const share = (i: number): number => (weights?.[i] ?? 1) / total;
  const mean = values.reduce((sum, value, i) => sum + share(i) * value, 0);
  const centred = values.map((value) => value - mean);
  if (!std) return centred;
  const squares = centred.reduce((sum, value, i) => sum + share(i) * value ** 2, 0);
  const freedom = 1 - ddof * values.reduce((sum, _, i) => sum + share(i) ** 2, 0);
  const deviation = Math.sqrt(squares / freedom);
  return centred.map((value) => value / (deviation + epsilon));
}
