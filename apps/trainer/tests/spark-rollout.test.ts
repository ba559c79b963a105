import { always, exploreTag, fixedProbability, never } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import {
  completedLeaves,
  createTreeBuilder,
  eventFromJson,
  eventToJson,
  treeFromJson,
  treeId,
  treeToJson,
  type BranchingCriterion,
  type Journal,
  type Task,
  type Tree,
  type TreeEvent,
} from '@spark-rl/core';
import { corridor, plainProtocol, scriptedPolicy } from '@spark-rl/core/testing';
import { rolloutTree, rolloutTrees, treeStatistics } from '@spark-rl/tree-rollout';
import fc from 'fast-check';

/** Walks at random; says that it is unsure in a share of turns; breaks off in another. */
const walker = (explore: number, fail = 0) =>
  scriptedPolicy(({ random }) => {
    if (random.uniform() < fail) throw new Error('no connection');
    const mode = random.uniform() < explore ? 'explore' : 'think';
    return `<${mode}>r</${mode}>\n<action>${random.pick(['left', 'right', 'wait'])}</action>`;
  });

const environment = corridor({ length: 8, maxSteps: 50 });
const tasks = environment.tasks({ split: 'train', count: 6, seed: 1 }) as readonly Task[];

const parts = (explore: number, fail = 0) => ({
  environment,
  policy: walker(explore, fail),
  protocol: plainProtocol(),
  brief: { world: 'A corridor.', actions: [] },
  maxTurns: 12,
});

const grow = (
  criterion: BranchingCriterion,
  {
    explore = 0.4,
    seed = 1,
    leaves = 8,
    roots = 4,
    fail = 0,
    journal = undefined as Journal | undefined,
  } = {},
): Promise<Tree> =>
  rolloutTree({
    ...parts(explore, fail),
    task: tasks[0]!,
    seed: ['spark', seed],
    budget: leafBudget({ leaves }),
    criterion,
    roots,
    retries: 0,
    ...(journal !== undefined && { journal }),
  });

const text = (tree: Tree): string => JSON.stringify(treeToJson(tree));

describe('SPARK: budget, criterion and rollout together', () => {
  it('keeps M <= |G| + failed and |G| <= N for any budget, criterion and failures', async () => {
    const criteria = fc.constantFrom<(width: number) => BranchingCriterion>(
      (width) => exploreTag({ width }),
      (width) => always({ width }),
      (width) => fixedProbability({ probability: 0.3, width }),
      () => never(),
    );
    await fc.assert(
      fc.asyncProperty(
        criteria,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(0, 0.05, 0.4),
        fc.nat(10_000),
        async (criterion, leaves, wanted, width, fail, seed) => {
          const roots = Math.min(wanted, leaves);
          const tree = await grow(criterion(width), { leaves, roots, fail, seed });
          const group = completedLeaves(tree).length;
          const { account } = tree;
          expect(group).toBeLessThanOrEqual(leaves);
          expect(group + account.failed).toBeGreaterThanOrEqual(roots);
          expect(account).toMatchObject({ limit: leaves, used: group, reserved: 0 });
          expect(account.used + account.failed + account.free).toBe(leaves);
          expect(text(treeFromJson(JSON.parse(text(tree)), 'tree'))).toBe(text(tree));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('forks exactly at the turns that explore, while slots are free', async () => {
    const tree = await grow(exploreTag(), { explore: 0.2, seed: 3 });
    const turns = [...tree.turns.values()];
    for (const { response, requestedWidth, next, index } of turns) {
      const mayAsk = next.status === 'running' && index < 11;
      expect(requestedWidth).toBe(mayAsk && response.mode === 'explore' ? 2 : 1);
    }
    const { forks, leaves } = treeStatistics(tree);
    expect(forks).toBe(4);
    expect(leaves).toBe(8);
  });

  it('with `always`, N 8, M 4, B 2 is full after the first turn', async () => {
    const statistics = treeStatistics(await grow(always()));
    expect(statistics).toMatchObject({ leaves: 8, forks: 4, budgetFullAt: 0 });
    expect(statistics.chainEquivalentResponseTokens).toBeGreaterThan(
      statistics.uniqueResponseTokens,
    );
  });

  it('with `never` is four independent chains: nothing is shared', async () => {
    const statistics = treeStatistics(await grow(never()));
    expect(statistics).toMatchObject({ leaves: 4, forks: 0, budgetFullAt: null });
    expect(statistics.chainEquivalentResponseTokens).toBe(statistics.uniqueResponseTokens);
  });

  it('grows the same trees from the same seed, one at a time or all at once', async () => {
    const requests = tasks.map((task) => ({ task, seed: [7] }));
    const options = {
      ...parts(0.4, 0.02),
      trees: requests,
      budget: leafBudget({ leaves: 8 }),
      criterion: fixedProbability({ probability: 0.2 }),
    };
    const together = await rolloutTrees(options);
    const apart = await rolloutTrees({ ...options, concurrency: 1 });
    expect(together.map(text)).toEqual(apart.map(text));
    expect(new Set(together.map((tree) => tree.turns.size)).size).toBeGreaterThan(1);
  });

  it('can be rebuilt from its journal alone, through text', async () => {
    const lines: string[] = [];
    const journal = {
      append: (event: TreeEvent) => void lines.push(JSON.stringify(eventToJson(event))),
    };
    const tree = await grow(exploreTag(), { journal, fail: 0.02 });
    const events = lines.map((line, i) => eventFromJson(JSON.parse(line), `line ${i + 1}`));
    const [first] = events;
    if (first?.type !== 'tree') throw new Error('the journal does not start with the tree');
    const builder = createTreeBuilder(treeId(first.tree), first.opening);
    for (const event of events) {
      if (event.type === 'turn') builder.addTurn(event.turn);
      if (event.type === 'leaf') builder.addLeaf(event.leaf);
    }
    const last = events.at(-1);
    if (last?.type !== 'end') throw new Error('the journal does not end');
    expect(text(builder.build(last.account))).toBe(text(tree));
  });

  it('refuses more roots than leaves, naming both and the remedy', async () => {
    await expect(grow(exploreTag(), { leaves: 4, roots: 6 })).rejects.toThrow(
      /6 roots do not fit a budget of 4 leaves.*from 1 to 4/,
    );
  });
});
