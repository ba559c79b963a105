import { successVariance } from './success-variance.js';

/** What was seen after one turn. */
export interface SuccessCount {
  readonly continuations: number;
  readonly successes: number;
}

/**
 * What p may be. p and 1 - p are equally important, so outcomes and their opposites need not be told apart, and half the range
 * is enough: 0, 0.01, ..., 0.5.
 */
const GRID = Array.from({ length: 51 }, (_, i) => i / 100);
const STEPS = 1000;

/** The chance of k or n - k successes of n for every p of the grid, where k <= n/2. */
function likelihoods(n: number, k: number): Float64Array {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return Float64Array.from(GRID, (p) => {
    const chance = ways * p ** k * (1 - p) ** (n - k);
    return 2 * k === n ? chance : chance + ways * p ** (n - k) * (1 - p) ** k;
  });
}

interface Kind {
  readonly likelihoods: Float64Array;
  readonly times: number;
}

/** The distribution of p over the grid that makes the counts most likely, by expectation maximisation from the uniform one. */
function mixture(kinds: readonly Kind[], turns: number): Float64Array {
  let weights = new Float64Array(GRID.length).fill(1 / GRID.length);
  for (let step = 0; step < STEPS; step++) {
    const next = new Float64Array(GRID.length);
    for (const { likelihoods: row, times } of kinds) {
      let evidence = 0;
      for (let j = 0; j < row.length; j++) evidence += weights[j]! * row[j]!;
      const scale = times / (turns * evidence);
      for (let j = 0; j < row.length; j++) next[j]! += weights[j]! * row[j]! * scale;
    }
    weights = next;
  }
  return weights;
}

/** The chance that a critical turn has the larger p (1 - p), ties half, when turns have the given weights and label chances. */
function areaOf(weights: Float64Array, critical: Float64Array): number | null {
  let [won, positives, negatives] = [0, 0, 0];
  weights.forEach((weight, j) => {
    const positive = weight * critical[j]!;
    const negative = weight * (1 - critical[j]!);
    won += positive * (negatives + negative / 2);
    positives += positive;
    negatives += negative;
  });
  return positives > 0 && negatives > 0 ? won / (positives * negatives) : null;
}

/**
 * The AUROC that a criterion would reach which knew the chance of success p after every turn, measured against labels that are
 * estimated from n continuations: in the long run no criterion can do better. The distribution of p over turns is not known, so
 * it is estimated first, without assuming a form, as the mixture of binomials that makes the counts most likely; then the labels
 * that n draws would give are compared with `p (1 - p)`, over all pairs of turns, exactly. From few turns the
 * estimate is rather too high: the mixture makes luck into differences that could be known.
 *
 * @param isCritical - the label of a turn with that estimated variance of success
 * @returns a function of the counts of some turns; null where all have the same label
 * @see N. Laird, Nonparametric maximum likelihood estimation of a mixing distribution (1978), doi 10.1080/01621459.1978.10480103
 */
export function attainableAuroc(
  isCritical: (variance: number) => boolean,
): (counts: readonly SuccessCount[]) => number | null {
  const rows = new Map<string, Float64Array>();
  const rowOf = (n: number, k: number): Float64Array => {
    const key = `${n},${k}`;
    let row = rows.get(key);
    if (row === undefined) rows.set(key, (row = likelihoods(n, k)));
    return row;
  };
  const labels = new Map<number, Float64Array>();
  const labelsOf = (n: number): Float64Array => {
    let chances = labels.get(n);
    if (chances === undefined) {
      labels.set(n, (chances = new Float64Array(GRID.length)));
      for (let k = 0; 2 * k <= n; k++) {
        if (!isCritical(successVariance(k, n))) continue;
        const row = rowOf(n, k);
        for (let j = 0; j < row.length; j++) chances[j]! += row[j]!;
      }
    }
    return chances;
  };
  return (counts) => {
    const kinds = new Map<string, { likelihoods: Float64Array; times: number }>();
    const critical = new Float64Array(GRID.length);
    for (const { continuations, successes } of counts) {
      const fewer = Math.min(successes, continuations - successes);
      const key = `${continuations},${fewer}`;
      const kind = kinds.get(key);
      if (kind === undefined)
        kinds.set(key, { likelihoods: rowOf(continuations, fewer), times: 1 });
      else kind.times++;
      labelsOf(continuations).forEach((chance, j) => {
        critical[j]! += chance / counts.length;
      });
    }
    const positives = counts.filter(({ continuations, successes }) =>
      isCritical(successVariance(successes, continuations)),
    ).length;
    if (positives === 0 || positives === counts.length) return null;
    return areaOf(mixture([...kinds.values()], counts.length), critical);
  };
}
