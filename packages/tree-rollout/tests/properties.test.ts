import {
  childId,
  completedLeaves,
  createdLeaves,
  rootId,
  treeToJson,
  type BranchingCriterion,
  type Tree,
} from '@spark-rl/core';
import fc from 'fast-check';

import { rolloutTree, type RolloutEvent, type RolloutTreeOptions } from '../src/index.js';
import {
  brief,
  exploring,
  protocol,
  randomPolicy,
  randomWorld,
  shuffledClock,
  strictLeaves,
  task,
  type Chances,
  type RandomState,
} from './support.js';

interface Setup {
  readonly chances: Chances;
  readonly leaves: number;
  readonly roots: number;
  readonly maxTurns: number;
  readonly width: number;
  readonly criterion: 'tag' | 'random';
}

const share = (values: readonly number[]): fc.Arbitrary<number> => fc.constantFrom(...values);

const setups: fc.Arbitrary<Setup> = fc
  .record({
    chances: fc.record({
      seed: fc.nat(1_000_000),
      end: share([0, 0.1, 0.3]),
      explore: share([0, 0.2, 0.6, 1]),
      invalid: share([0, 0.2]),
      fail: share([0, 0, 0.1, 0.5]),
    }),
    leaves: fc.integer({ min: 1, max: 14 }),
    roots: fc.integer({ min: 1, max: 6 }),
    maxTurns: fc.integer({ min: 1, max: 8 }),
    width: fc.integer({ min: 1, max: 4 }),
    criterion: fc.constantFrom('tag', 'random'),
  })
  .map((setup) => ({ ...setup, roots: Math.min(setup.roots, setup.leaves) }));

/** Forks at random, wide or narrow, with random priorities, and looks at how many leaves have ended. */
const randomCriterion = (maxWidth: number): BranchingCriterion => ({
  id: 'random',
  maxWidth,
  decide: ({ random, account }) => ({
    width: 1 + ((random.integer(maxWidth) + account.used) % maxWidth),
    priority: random.uniform(),
  }),
});

const optionsOf = (
  { chances, leaves, roots, maxTurns, width, criterion }: Setup,
  wait?: () => Promise<void>,
): RolloutTreeOptions<RandomState> => ({
  environment: randomWorld(chances, wait),
  policy: randomPolicy(chances, wait),
  protocol,
  brief,
  task: task(),
  seed: ['seed', chances.seed],
  budget: strictLeaves(leaves),
  criterion: criterion === 'tag' ? exploring(width) : randomCriterion(width),
  roots,
  maxTurns,
  retries: 1,
  recordAdmissible: true,
});

const text = (tree: Tree): string => JSON.stringify(treeToJson(tree));

/** All that design and paper promise of the form of a tree. */
function checkForm(tree: Tree, { leaves, roots, maxTurns }: Setup): void {
  const turns = [...tree.turns.values()];
  const failed = tree.leaves.filter(({ outcome }) => outcome === 'failed').length;
  const group = completedLeaves(tree).length;
  expect(group).toBeLessThanOrEqual(leaves);
  expect(roots).toBeLessThanOrEqual(group + failed);
  expect(tree.account).toEqual({
    limit: leaves,
    used: group,
    reserved: 0,
    failed,
    free: leaves - group - failed,
  });

  // Every leaf is the end of one path of its own.
  const leafIds = new Set(tree.leaves.map(({ id }) => id as string));
  expect(leafIds.size).toBe(tree.leaves.length);
  const opened = turns.reduce((sum, { grantedWidth }) => sum + grantedWidth - 1, roots);
  expect(tree.leaves).toHaveLength(opened);

  const present = (id: string): boolean => tree.turns.has(id as never) || leafIds.has(id);
  for (let i = 0; i < roots; i++) expect(present(rootId(i))).toBe(true);
  expect(present(rootId(roots))).toBe(false);
  for (const turn of turns) {
    const ended = turn.next.status !== 'running' || turn.index + 1 === maxTurns;
    expect(turn.grantedWidth).toBeLessThanOrEqual(turn.requestedWidth);
    expect(leafIds.has(turn.id)).toBe(ended);
    if (ended) expect([turn.requestedWidth, turn.grantedWidth]).toEqual([1, 1]);
    else
      for (let i = 0; i < turn.grantedWidth; i++) expect(present(childId(turn.id, i))).toBe(true);
    expect(present(childId(turn.id, ended ? 0 : turn.grantedWidth))).toBe(false);
    const parent = turn.parent === null ? tree : tree.turns.get(turn.parent)!.next;
    expect(turn.observation).toEqual(parent.observation);
    expect(turn.action).toBe(turn.response.valid ? turn.response.action : '');
  }

  // b_eff = min(b, N - created + 1), request after request: a turn's grants add up to what was asked or what was left.
  let created = roots;
  for (let t = 0; t < maxTurns; t++) {
    const now = turns.filter(({ index }) => index === t);
    const asked = now.reduce((sum, { requestedWidth }) => sum + requestedWidth - 1, 0);
    const granted = now.reduce((sum, { grantedWidth }) => sum + grantedWidth - 1, 0);
    expect(granted).toBe(Math.min(asked, leaves - created));
    created += granted;
  }
}

describe('any tree', () => {
  it('keeps its promises, and its ledger balances at every event', async () => {
    let forks = 0;
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(setups, async (setup) => {
        const balanced = (event: RolloutEvent): void => {
          if (!('account' in event)) return;
          const { account } = event;
          const { limit, used, reserved, failed, free } = account;
          if (
            used + reserved + failed + free !== limit ||
            Math.min(used, reserved, failed, free) < 0
          )
            throw new Error(`the ledger broke: ${JSON.stringify(account)}`);
          if (createdLeaves(account) < setup.roots) throw new Error('the roots are not charged');
        };
        const tree = await rolloutTree({ ...optionsOf(setup), onEvent: balanced });
        checkForm(tree, setup);
        forks += [...tree.turns.values()].filter(({ grantedWidth }) => grantedWidth > 1).length;
        failures += tree.account.failed;
      }),
      { numRuns: 400 },
    );
    // The trees were worth looking at.
    expect(forks).toBeGreaterThan(100);
    expect(failures).toBeGreaterThan(50);
  });

  it('is the same, byte for byte, under twelve timings of all calls', async () => {
    await fc.assert(
      fc.asyncProperty(setups, async (setup) => {
        const options = Object.freeze(optionsOf(setup));
        const expected = text(await rolloutTree(options));
        expect(text(await rolloutTree(options))).toBe(expected);
        for (let timing = 0; timing < 12; timing++) {
          const clock = shuffledClock(timing);
          const journal = { append: clock };
          const tree = await rolloutTree({ ...optionsOf(setup, clock), journal });
          expect(text(tree)).toBe(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is another under another seed', async () => {
    const setup: Setup = {
      chances: { seed: 1, end: 0.1, explore: 0.5, invalid: 0.1, fail: 0 },
      leaves: 8,
      roots: 4,
      maxTurns: 6,
      width: 2,
      criterion: 'tag',
    };
    const trees = await Promise.all(
      Array.from({ length: 5 }, async (_, i) => {
        const tree = await rolloutTree({ ...optionsOf(setup), seed: ['other', i] });
        return text({ ...tree, settings: {} });
      }),
    );
    expect(new Set(trees).size).toBe(5);
  });

  it('depends on the arbiter’s seed only where requests compete', async () => {
    // All four roots ask for one free slot: over many seeds each of them wins it in its share of trees.
    const wins = [0, 0, 0, 0];
    for (let i = 0; i < 200; i++) {
      const tree = await rolloutTree({
        ...optionsOf({
          chances: { seed: 1, end: 0, explore: 1, invalid: 0, fail: 0 },
          leaves: 5,
          roots: 4,
          maxTurns: 2,
          width: 2,
          criterion: 'tag',
        }),
        seed: [i],
      });
      wins[[0, 1, 2, 3].findIndex((root) => tree.turns.get(rootId(root))!.grantedWidth === 2)]!++;
    }
    // Mean 50, standard deviation 6.1.
    for (const count of wins) expect(Math.abs(count - 50)).toBeLessThan(25);
  });
});

describe('a world that holds live states', () => {
  it('is told of every state exactly once that it will not be stepped again, and not before', async () => {
    await fc.assert(
      fc.asyncProperty(setups, fc.nat(1000), async (setup, timing) => {
        const clock = shuffledClock(timing);
        const options = optionsOf(setup, clock);
        const live = new Set<RandomState>();
        const environment: typeof options.environment = {
          ...options.environment,
          reset: async (wanted) => {
            const start = await options.environment.reset(wanted);
            live.add(start.state);
            return start;
          },
          step: async (state, action) => {
            if (!live.has(state)) throw new Error('BUG: a released state was stepped');
            const next = await options.environment.step(state, action);
            if (!live.has(state)) throw new Error('BUG: a state was released while it was stepped');
            live.add(next.state);
            return next;
          },
          release: (state) => {
            if (!live.delete(state)) throw new Error('BUG: a state was released twice');
          },
        };
        const tree = await rolloutTree({ ...options, environment });
        expect(live.size).toBe(0);
        expect(tree.leaves.filter(({ error }) => error?.includes('BUG'))).toEqual([]);
        expect(text(tree)).toBe(text(await rolloutTree(optionsOf(setup))));
      }),
      { numRuns: 60 },
    );
  });
});
