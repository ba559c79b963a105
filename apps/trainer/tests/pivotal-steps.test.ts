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

const TREES = 2000;

interface Plan {
  readonly pivots: number;
  readonly mass: number;
  readonly roots: number;
  readonly width: number;
  readonly leaves: number;
}

/** What the real rollout, criterion and budget cover in many trees. */
async function grow(plan: Plan): Promise<readonly PivotsCovered[]> {
  const { pivots, mass, roots, width, leaves } = plan;
  const environment = pivotalSteps({ pivots });
  const [task] = environment.tasks({ split: 'train' }) as readonly [Task];
  const trees = await rolloutTrees({
    environment,
    policy: pivotalPolicy({ mass }),
    protocol: plainProtocol(),
    brief: { world: 'Few turns decide.', actions: [] },
    budget: leafBudget({ leaves }),
    criterion: exploreTag({ width }),
    roots,
    // Thousands at once would keep the collector busy; the trees are the same.
    concurrency: 16,
    trees: Array.from({ length: TREES }, (_, i) => ({
      task,
      seed: ['pivotal', i],
      treeId: treeId(`t${i}`),
    })),
  });
  for (const tree of trees) {
    expect(tree.leaves.length).toBeLessThanOrEqual(leaves);
    const wins = tree.leaves.some(({ outcome }) => outcome === 'success');
    expect(wins).toBe(pivotsCovered(tree).tree === pivots);
  }
  return trees.map(pivotsCovered);
}

/** The measured share of a probability must lie within 4 standard errors. */
function expectShare(count: number, probability: number): void {
  const error = Math.sqrt((probability * (1 - probability)) / TREES);
  expect(Math.abs(count / TREES - probability)).toBeLessThanOrEqual(4 * error);
}

/** After every pivotal step, along the line and over the tree. */
function expectCoverage(
  covered: readonly PivotsCovered[],
  expected: { readonly line: readonly number[]; readonly tree: readonly number[] },
): void {
  for (const kind of ['line', 'tree'] as const)
    expected[kind].forEach((probability, step) =>
      expectShare(covered.filter((each) => each[kind] > step).length, probability),
    );
}

describe('coverage of pivotal steps (paper Eq. 8)', () => {
  it.each([
    { mass: 0.35, width: 1 },
    { mass: 0.5, width: 2 },
    { mass: 0.35, width: 3 },
    { mass: 0.2, width: 4 },
  ])('is the product of 1 - (1 - q)^B along a line while b_eff = B: %j', async (plan) => {
    const pivots = 3;
    const leaves = plan.width ** pivots; // Never binds: every path may fork at every step.
    const covered = await grow({ ...plan, pivots, roots: 1, leaves });
    const step = 1 - (1 - plan.mass) ** plan.width;
    for (let m = 1; m <= pivots; m++)
      expectShare(covered.filter(({ line }) => line >= m).length, step ** m);
    expectCoverage(covered, pivotalCoverage({ ...plan, pivots }));
  });

  it.each([
    { pivots: 5, mass: 0.5, roots: 1, width: 2, leaves: 3 },
    { pivots: 5, mass: 0.5, roots: 1, width: 2, leaves: 8 },
    { pivots: 4, mass: 0.4, roots: 2, width: 4, leaves: 8 },
    { pivots: 3, mass: 0.5, roots: 4, width: 2, leaves: 8 },
    { pivots: 3, mass: 0.5, roots: 8, width: 1, leaves: 8 },
  ])('falls as predicted once N binds: %j', async (plan) => {
    const predicted = pivotalCoverage(plan);
    expectCoverage(await grow(plan), predicted);
    const step = 1 - (1 - plan.mass) ** plan.width;
    // N binds in each of these but the chains, where there is nothing to bind.
    if (plan.width > 1) expect(predicted.line.at(-1)).toBeLessThan(step ** plan.pivots - 0.01);
  });

  it('is that of N chains when all of M = N / 2 roots ask for two tries at once', () => {
    const plan = { pivots: 3, mass: 0.5, leaves: 8 };
    const forked = pivotalCoverage({ ...plan, roots: 4, width: 2 }).tree;
    const chains = pivotalCoverage({ ...plan, roots: 8, width: 1 }).tree;
    expect(forked).toEqual(chains);
  });
});
