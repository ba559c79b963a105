import { normalise, type Normalisation } from './normalise.js';

/**
 * What becomes of a value that has nothing to be compared with: `zero` gives it no advantage; `raw` takes a mean of 0 and a deviation of 1,
 * as the published codes of GiGPO, RLVMR and Tree-GRPO do, so that it keeps its value and pushes whatever was done.
 */
export type LoneRule = 'zero' | 'raw';

/** A value, and what it is compared with. */
export interface Comparable {
  readonly value: number;
  /** Values with the same group are compared. */
  readonly group: unknown;
  /** Whose value it is: a group whose values all are of one unit compares nothing. */
  readonly unit: unknown;
  /** How much it counts in the statistics; positive. */
  readonly weight: number;
}

/** Normalises values group by group; see {@link normalise}. The result stands in the order of the values. */
export function normaliseWithin(
  values: readonly Comparable[],
  normalisation: Normalisation,
  lone: LoneRule,
): number[] {
  const members = new Map<unknown, number[]>();
  for (const [i, { group }] of values.entries()) {
    const list = members.get(group);
    if (list === undefined) members.set(group, [i]);
    else list.push(i);
  }
  const normalised = new Array<number>(values.length).fill(0);
  for (const indices of members.values()) {
    const group = indices.map((i) => values[i]!);
    const isLone = group.every(({ unit }) => unit === group[0]!.unit);
    if (isLone && lone === 'zero') continue;
    const results = isLone
      ? group.map(({ value }) => (normalisation.std ? value / (1 + normalisation.epsilon) : value))
      : normalise(
          group.map(({ value }) => value),
          normalisation,
          group.map(({ weight }) => weight),
        );
    for (const [nth, i] of indices.entries()) normalised[i] = results[nth]!;
  }
  return normalised;
}
