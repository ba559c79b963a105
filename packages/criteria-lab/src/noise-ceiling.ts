import { randomSource, type RandomKey } from '@spark-rl/core';

import { attainableAuroc, type SuccessCount } from './attainable-auroc.js';
import { auroc } from './auroc.js';
import { estimate, type Estimate } from './bootstrap.js';
import { criticalTest, criticalTurns } from './critical-turns.js';
import { importanceOf, successesOf } from './importance.js';
import { turnsOf, type Judgement, type ProbedTask, type ProbedTurn } from './probed-tasks.js';

/** How much the labels can be trusted, estimated as they are from finitely many continuations. */
export interface NoiseCeiling {
  /**
   * The AUROC that a criterion which knew the chance of success after every turn would reach against these labels; null where the
   * importance is not the variance of success.
   */
  readonly auroc: Estimate;
  /** The AUROC that half of the continuations reach when they predict the labels that the other half gives. */
  readonly halfAuroc: Estimate;
  /** r, the correlation of the importances that two halves give. */
  readonly correlation: Estimate;
  /** The reliability of importances from all continuations: `2r / (1 + r)` (Spearman-Brown). */
  readonly reliability: Estimate;
}

/** The importance of a turn by each half of its continuations, and the label that each half gives it. */
interface Halves {
  readonly importances: readonly [number, number];
  readonly labels: readonly [boolean, boolean];
}

/** The correlation coefficient of Pearson; null when one side does not vary. */
function correlationOf(pairs: readonly (readonly [number, number])[]): number | null {
  const n = pairs.length;
  const mean = [0, 1].map((side) => pairs.reduce((total, pair) => total + pair[side]!, 0) / n);
  let [xx, yy, xy] = [0, 0, 0];
  for (const [a, b] of pairs) {
    const [x, y] = [a - mean[0]!, b - mean[1]!];
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

/** The mean of what is defined; null where nothing is. */
function meanOf(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  if (defined.length === 0) return null;
  return defined.reduce((total, value) => total + value, 0) / defined.length;
}

/** The reliability of the whole from the correlation of its halves, `2r / (1 + r)`. */
export const spearmanBrown = (correlation: number): number => (2 * correlation) / (1 + correlation);

const countOf = ({ continuations }: ProbedTurn): SuccessCount => ({
  continuations: continuations.length,
  successes: successesOf(continuations),
});

const MIN_CONTINUATIONS = 4;

function splitTurns(
  turns: readonly ProbedTurn[],
  { importance, critical }: Judgement,
  key: RandomKey,
): ReadonlyMap<ProbedTurn, Halves> {
  const halves = turns
    .filter(({ continuations }) => continuations.length >= MIN_CONTINUATIONS)
    .flatMap((turn) => {
      const { tree, node, continuations } = turn;
      const shuffled = randomSource([...key, tree, node]).shuffle(continuations);
      const middle = Math.floor(shuffled.length / 2);
      const first = importanceOf(shuffled.slice(0, middle), importance);
      const second = importanceOf(shuffled.slice(middle), importance);
      if (first === null || second === null) return [];
      return [{ turn, importances: [first, second] as const }];
    });
  const labels = ([0, 1] as const).map((side) =>
    criticalTurns(
      halves.map(({ importances }) => importances[side]),
      critical,
    ),
  );
  return new Map(
    halves.map(({ turn, importances }, i) => [
      turn,
      { importances, labels: [labels[0]?.[i] ?? false, labels[1]?.[i] ?? false] },
    ]),
  );
}

/** Mean AUROC of one half's importances against the other half's labels, both ways round. */
const halfAuroc = (halves: readonly Halves[]): number | null =>
  meanOf(
    ([0, 1] as const).map((side) =>
      auroc(
        halves.map(({ importances }) => importances[side]),
        halves.map(({ labels }) => labels[side === 0 ? 1 : 0]),
      ),
    ),
  );

/**
 * How well a criterion can score at all. The labels are estimates, so even a criterion that knew every turn exactly would miss
 * some. Two answers:
 *
 * - `auroc`: what such a criterion would score ({@link attainableAuroc}).
 * - `halfAuroc`, which assumes nothing: the continuations of every turn are split at random into two halves, many times; each
 *   half's importances predict the other half's labels (by the same rule), and the AUROC is averaged over splits and directions.
 *   A half is noisier than the whole on either side, so this is below what can be reached.
 *
 * The correlation r of the halves' importances, averaged likewise, gives the reliability of the whole, `2r / (1 + r)`; no
 * predictor correlates with the measured importances by more than its square root.
 *
 * Turns with fewer than four continuations, or with a half whose importance cannot be told, are left out of the splits.
 *
 * @see C. Spearman, Correlation calculated from faulty data (1910); W. Brown, Some experimental results (1910)
 */
export function noiseCeiling(
  tasks: readonly ProbedTask[],
  samples: readonly (readonly ProbedTask[])[],
  judgement: Judgement,
  { splits, seed }: { readonly splits: number; readonly seed: RandomKey },
): NoiseCeiling {
  const turns = turnsOf(tasks);
  const divisions = Array.from({ length: splits }, (_, split) =>
    splitTurns(turns, judgement, [...seed, 'split', split]),
  );
  const isCritical = criticalTest(
    turns.map(({ importance }) => importance),
    judgement.critical,
  );
  const attainable = attainableAuroc(isCritical);
  const overSplits =
    (measure: (halves: readonly Halves[]) => number | null) =>
    (drawn: readonly ProbedTask[]): number | null => {
      const drawnTurns = turnsOf(drawn);
      return meanOf(
        divisions.map((division) =>
          measure(drawnTurns.flatMap((turn) => division.get(turn) ?? [])),
        ),
      );
    };
  const correlation = overSplits((halves) =>
    correlationOf(halves.map(({ importances }) => importances)),
  );
  return {
    auroc: estimate(tasks, samples, (drawn) =>
      judgement.importance === 'variance' ? attainable(turnsOf(drawn).map(countOf)) : null,
    ),
    halfAuroc: estimate(tasks, samples, overSplits(halfAuroc)),
    correlation: estimate(tasks, samples, correlation),
    reliability: estimate(tasks, samples, (drawn) => {
      const r = correlation(drawn);
      return r === null || r <= -1 ? null : spearmanBrown(r);
    }),
  };
}
