import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { treeId, type Task } from '@spark-rl/core';
import {
  pivotalCoverage,
  pivotalPolicy,
  pivotalSteps,
  pivotsCovered,
  plainProtocol,
  type PivotsCovered,
} from '@spark-rl/core/testing';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import { wilsonInterval } from '../../apps/trainer/src/statistics/intervals.js';

/** q, the longest m, and how many trees each point is measured on. */
export const MASS = 0.35;
const PIVOTS = 8;
export const TREES = 3000;

/** So many trees are held at once: in all a few hundred thousand turns would be. */
const AT_ONCE = 100;

/** One point of the figure. */
export interface CoveragePoint {
  /** The panel's column, such as `N = 8`. */
  readonly budget: string;
  /** The panel's row. */
  readonly covered: string;
  /** The curve, such as `B = 2`. */
  readonly branching: string;
  /** m. */
  readonly steps: number;
  readonly measured: number;
  /** Wilson's 95 % interval of what was measured. */
  readonly low: number;
  readonly high: number;
  readonly predicted: number;
  /** What would be predicted if N never bound; null where there is nothing that N could bind. */
  readonly unbound: number | null;
}

export const ROWS = {
  line: 'covered along one line',
  tree: 'covered by any path',
} as const;

interface Setting {
  readonly budget: string;
  readonly roots: number;
  readonly width: number;
  /** N; without limit when absent. */
  readonly leaves?: number;
}

const LIMITS = [8, 16, undefined] as const;
const WIDTHS = [2, 3, 4] as const;

/** With forks one root, so that leaves are left for them; without forks as many chains as there are leaves. */
const settings: readonly Setting[] = LIMITS.flatMap((leaves) => {
  const budget = leaves === undefined ? 'N without limit' : `N = ${leaves}`;
  const limit = leaves === undefined ? {} : { leaves };
  return [
    { budget, roots: leaves ?? 1, width: 1, ...limit },
    ...WIDTHS.map((width) => ({ budget, roots: 1, width, ...limit })),
  ];
});

async function measure({
  budget,
  roots,
  width,
  leaves,
}: Setting): Promise<readonly PivotsCovered[]> {
  const environment = pivotalSteps({ pivots: PIVOTS });
  const [task] = environment.tasks({ split: 'train' }) as readonly [Task];
  const covered: PivotsCovered[] = [];
  while (covered.length < TREES) {
    const trees = await rolloutTrees({
      environment,
      policy: pivotalPolicy({ mass: MASS }),
      protocol: plainProtocol(),
      brief: { world: '', actions: [] },
      // Enough for every path to fork at every step: no limit at all.
      budget: leafBudget({ leaves: leaves ?? roots * width ** PIVOTS }),
      criterion: exploreTag({ width }),
      roots,
      trees: Array.from({ length: Math.min(AT_ONCE, TREES - covered.length) }, (_, i) => ({
        task,
        seed: ['pivotal-steps', budget, width, covered.length + i],
        treeId: treeId(`${i}`),
      })),
    });
    covered.push(...trees.map(pivotsCovered));
  }
  return covered;
}

function pointsOf(setting: Setting, covered: readonly PivotsCovered[]): CoveragePoint[] {
  const { budget, roots, width, leaves } = setting;
  const plan = { pivots: PIVOTS, mass: MASS, roots, width };
  const predicted = pivotalCoverage({ ...plan, ...(leaves !== undefined && { leaves }) });
  const unbound = width === 1 ? null : pivotalCoverage(plan);
  return (['line', 'tree'] as const).flatMap((kind) =>
    Array.from({ length: PIVOTS }, (_, i) => {
      const { rate, low, high } = wilsonInterval(covered.map((each) => each[kind] > i));
      return {
        budget,
        covered: ROWS[kind],
        branching: width === 1 ? 'B = 1 (chains)' : `B = ${width}`,
        steps: i + 1,
        measured: rate,
        low,
        high,
        predicted: predicted[kind][i]!,
        unbound: unbound?.[kind][i] ?? null,
      };
    }),
  );
}

/** Measured and predicted coverage of 1 to m pivotal steps for every B and N. One tree gives a point for each m. */
export async function measurePivotalSteps(): Promise<readonly CoveragePoint[]> {
  const points: CoveragePoint[] = [];
  for (const setting of settings) points.push(...pointsOf(setting, await measure(setting)));
  return points;
}
