import { atMost, exploreTag, fixedProbability } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import type { BranchingCriterion, Expansion, Tree } from '@spark-rl/core';
import { pivotalPolicy, pivotalSteps, plainProtocol } from '@spark-rl/core/testing';
import {
  basePath,
  compareCriteria,
  observer,
  offlineDecisions,
  probeExpansion,
  probeLeaves,
  turnImportance,
} from '@spark-rl/criteria-lab';
import { rolloutTrees } from '@spark-rl/tree-rollout';

// What the lab assumes of rollouts, and rollouts of the lab: only here do both meet.

const MAX_TURNS = 9;
const SEED = ['lab', 1];
const MASS = 0.7;
const environment = pivotalSteps({ pivots: 3, routine: 2 });

const grow = (
  tasks: number,
  criterion: BranchingCriterion,
  leaves: number,
  expansion?: Expansion,
): Promise<readonly Tree[]> =>
  rolloutTrees({
    environment,
    policy: pivotalPolicy({ mass: MASS }),
    protocol: plainProtocol(),
    brief: { world: '', actions: [] },
    maxTurns: MAX_TURNS,
    roots: 1,
    budget: leafBudget({ leaves }),
    criterion,
    ...(expansion !== undefined && { expansion }),
    trees: (environment.tasks({ split: 'lab', count: tasks }) as readonly Tree['task'][]).map(
      (task) => ({ task, seed: SEED }),
    ),
  });

const probe = (tasks: number, continuations = 16): Promise<readonly Tree[]> =>
  grow(
    tasks,
    observer([]),
    probeLeaves({ maxTurns: MAX_TURNS, continuations }),
    probeExpansion({ continuations }),
  );

describe('the criteria lab on real rollouts', () => {
  it('a probe continues every turn after which the episode went on, as often as asked', async () => {
    for (const tree of await probe(10, 17)) {
      const path = basePath(tree);
      const running = path.filter(({ next }) => next.status === 'running');
      expect(running.map(({ grantedWidth }) => grantedWidth)).toEqual(running.map(() => 18));
      expect(turnImportance(tree).map(({ node }) => node)).toEqual(running.map(({ id }) => id));
      expect(tree.leaves).toHaveLength(1 + 17 * running.length);
      expect(tree.account.failed).toBe(0);
    }
  });

  it('a criterion asks offline for what it asks for in a rollout of the same seed', async () => {
    // Both its own luck and its own forks on the path decide.
    const criterion = atMost({ criterion: fixedProbability({ probability: 0.5 }), forks: 2 });
    const grown = await grow(20, criterion, 4096);
    const probes = await probe(20);
    let asked = 0;
    grown.forEach((tree, i) => {
      const widths = basePath(tree)
        .filter(({ next, index }) => next.status === 'running' && index + 1 < MAX_TURNS)
        .map(({ id, requestedWidth }) => ({ node: id, width: requestedWidth }));
      const rollout = { maxTurns: MAX_TURNS, leaves: 4096, roots: 1, seed: SEED };
      expect(offlineDecisions(criterion, probes[i]!, rollout)).toEqual(widths);
      asked += widths.filter(({ width }) => width > 1).length;
    });
    expect(asked).toBeGreaterThan(10);
  });

  it('finds the variance that the world has, and that the agent tags the turns that matter', async () => {
    const probes = await probe(40, 32);
    // With r right decisions still to come the chance of success is 0.7^r.
    for (const rest of [1, 2, 3]) {
      const measured = probes
        .flatMap(turnImportance)
        .filter(({ turnIndex }) => Math.ceil((MAX_TURNS - 1 - turnIndex) / 3) === rest);
      const mean = measured.reduce((sum, { variance }) => sum + variance, 0) / measured.length;
      const p = MASS ** rest;
      expect(Math.abs(mean - p * (1 - p))).toBeLessThan(0.02);
    }
    const { criteria, ceiling } = compareCriteria(
      [exploreTag(), fixedProbability({ probability: 0.4 })],
      probes,
      {
        maxTurns: MAX_TURNS,
        seed: SEED,
        importance: 'between-actions',
        critical: { above: 0.03 },
        resamples: 200,
        splits: 10,
      },
    );
    expect(criteria[0]?.auroc.low).toBeGreaterThan(0.9);
    expect(criteria[0]?.auroc.value).toBeGreaterThan(ceiling.halfAuroc.low!);
    expect(criteria[1]?.auroc.low).toBeLessThan(0.5);
    expect(criteria[1]?.regret.low).toBeGreaterThan(criteria[0]!.regret.high!);
  });
});
