import {
  createdLeaves,
  leavesBelow,
  type Expansion,
  type Leaf,
  type NodeId,
  type SpendingRule,
} from '@spark-rl/core';
import { scriptedPolicy } from '@spark-rl/core/testing';
import fc from 'fast-check';

import { rolloutTree } from '../src/rollout-tree.js';
import { summarizeTrees } from '../src/statistics/summarize-trees.js';
import { treeMetrics } from '../src/statistics/tree-metrics.js';
import { treeStatistics } from '../src/statistics/tree-statistics.js';
import { handTree, type HandTurn } from './hand-tree.js';
import {
  brief,
  exploring,
  inOrder,
  plainWorld,
  protocol,
  randomPolicy,
  randomWorld,
  strictLeaves,
  task,
} from './support.js';

const { leaf } = handTree;
const lost = (id: string, tail: string | null): Leaf => ({
  ...leaf(id),
  tail: tail as NodeId | null,
  outcome: 'failed',
  error: 'gone',
  lostTo: 'policy',
});

describe('treeStatistics', () => {
  it('measures a grown tree as counted by hand', async () => {
    // Root 0 explores and forks; 0.0 wins, 0.1 goes on to the limit; root 1 breaks at its second turn.
    const words: Readonly<Record<string, string>> = {
      0: '<explore></explore><action>a</action>',
      1: 'no action',
      '0.0': '<action>win</action>',
      '0.1': '<think></think><action>a</action>',
      '0.1.0': '<think></think><action>a</action>',
    };
    const policy = scriptedPolicy(({ request: { key } }) => {
      const said = words[String(key[key.indexOf('node') + 1])];
      if (said === undefined) throw new Error('broken');
      return said;
    });
    const tree = await rolloutTree({
      environment: plainWorld(),
      policy,
      protocol,
      brief,
      task: task(),
      seed: [],
      budget: strictLeaves(3),
      criterion: exploring(),
      arbiter: inOrder,
      roots: 2,
      maxTurns: 3,
    });
    const tokens = (text: string): number => text.length + 1;
    // The first leaf is 0, 0.0; the second 0, 0.1, 0.1.0; the failed one has only turn 1.
    const unique = Object.values(words).reduce((sum, text) => sum + tokens(text), 0);
    const first = 'Win.\nTurn 0.\nstart'.length;
    const second = 'Win.\nTurn 1.\nafter a'.length;
    const third = 'Win.\nTurn 2.\nafter a'.length;
    expect(treeStatistics(tree)).toEqual({
      leaves: 2,
      copies: 0,
      failed: 1,
      successes: 1,
      turns: 5,
      meanPathLength: 2.5,
      depth: 3,
      forks: 1,
      clippedForks: 0,
      meanForkDepth: 0,
      turnsByIndex: [2, 2, 1],
      forksByIndex: [1, 0, 0],
      exploringByIndex: [1, 0, 0],
      exploringTurns: 1,
      exploreRatio: 1 / 5,
      invalidTurns: 1,
      invalidRatio: 1 / 5,
      unavailableRatio: 0,
      leavesPerRoot: [2, 0],
      largestRootShare: 1,
      rootActionDiversity: 1,
      rootResponseDiversity: 1,
      // Path 0, 0.0 takes a, win; path 0, 0.1, 0.1.0 takes a, a, a, the last two after `after a`.
      repeatedActionRatio: (0 + 2 / 3) / 2,
      repeatedActionAtObservationRatio: (0 + 1 / 3) / 2,
      budgetFullAt: 0,
      uniqueResponseTokens: unique,
      chainEquivalentResponseTokens: unique + tokens(words['0']!),
      uniquePromptTokens: 2 * first + 2 * second + third,
      chainEquivalentPromptTokens: 3 * first + 2 * second + third,
    });
  });

  it('counts forks, exploring turns and clipped requests by turn index', () => {
    const tree = handTree({
      turns: [
        { id: '0', mode: 'explore', granted: 2 },
        { id: '0.0', mode: 'explore', granted: 2, requested: 3 },
        { id: '0.0.0', admissible: false },
        { id: '0.0.1' },
        { id: '0.1', mode: 'explore', requested: 2, granted: 1 },
        { id: '0.1.0', mode: 'explore', granted: 2 },
        { id: '0.1.0.0' },
        { id: '0.1.0.1' },
      ],
      leaves: ['0.0.0', '0.0.1', '0.1.0.0', '0.1.0.1'].map((id) => leaf(id)),
      limit: 4,
    });
    expect(treeStatistics(tree)).toMatchObject({
      turnsByIndex: [1, 2, 3, 2],
      forksByIndex: [1, 1, 1, 0],
      exploringByIndex: [1, 2, 1, 0],
      meanForkDepth: (0 + 1 + 2) / 3,
      clippedForks: 2,
      unavailableRatio: 1 / 8,
      budgetFullAt: 2,
      meanPathLength: (3 + 3 + 4 + 4) / 4,
    });
  });

  it('does not take copies for paths of their own', () => {
    // Turn 0 ended its path and was forked all the same (a copy of leaf 0), and the group was filled up with one more.
    const turns: HandTurn[] = [
      { id: '0', granted: 2, logProbs: [-1, -1], promptTokens: 5 },
      { id: '1', logProbs: [-1, -1, -1], promptTokens: 5 },
    ];
    const own = [leaf('0', 'success'), leaf('1')];
    const copy = (id: string, reason: 'fork' | 'padding'): Leaf => ({
      ...leaf('0', 'success'),
      id: leaf(id).id,
      copy: { of: own[0]!.id, reason },
    });
    const padded = handTree({
      turns,
      leaves: [...own, copy('0.1', 'fork'), copy('padding.0', 'padding')],
      limit: 3,
    });
    expect(treeStatistics(padded)).toMatchObject({
      leaves: 2,
      copies: 2,
      successes: 1,
      leavesPerRoot: [1, 1],
      largestRootShare: 1 / 2,
      uniqueResponseTokens: 5,
      chainEquivalentResponseTokens: 5,
      uniquePromptTokens: 10,
      chainEquivalentPromptTokens: 10,
      budgetFullAt: 0,
    });
  });

  it('compares the beginnings of the roots', () => {
    const tree = handTree({
      turns: [
        { id: '0', action: 'go', text: 'one' },
        { id: '1', action: 'go', text: 'two' },
        { id: '1.0', action: 'elsewhere', text: 'five' },
        { id: '2', action: 'go', text: 'two' },
        { id: '3', action: 'stay', text: 'three' },
      ],
      leaves: [leaf('0'), leaf('1.0'), leaf('2'), leaf('3')],
    });
    expect(treeStatistics(tree)).toMatchObject({
      rootActionDiversity: 2 / 4,
      rootResponseDiversity: 3 / 4,
    });
  });

  it('finds actions that are repeated on one path, not on another one', () => {
    const tree = handTree({
      turns: [
        { id: '0', action: 'look', observation: 'x' },
        { id: '0.0', action: 'look', observation: 'y', granted: 2 },
        { id: '0.0.0', action: 'look', observation: 'x' },
        { id: '0.0.0.0', action: 'take', observation: 'x' },
        { id: '0.0.1', action: 'take', observation: 'x' },
        { id: '1', action: 'look', observation: 'x' },
        { id: '1.0', action: 'take', observation: 'x' },
      ],
      leaves: [leaf('0.0.0.0'), leaf('0.0.1'), leaf('1.0'), lost('2', null)],
    });
    const { repeatedActionRatio, repeatedActionAtObservationRatio } = treeStatistics(tree);
    expect(repeatedActionRatio).toBeCloseTo((2 / 4 + 1 / 3 + 0 / 2) / 3, 12);
    expect(repeatedActionAtObservationRatio).toBeCloseTo((1 / 4 + 0 + 0) / 3, 12);
  });

  it('tells an action and an observation from their concatenation', () => {
    const tree = handTree({
      turns: [
        { id: '0', action: 'bc', observation: 'a' },
        { id: '0.0', action: 'c', observation: 'ab' },
        { id: '0.0.0', action: 'bc', observation: 'a' },
      ],
      leaves: [leaf('0.0.0')],
    });
    expect(treeStatistics(tree).repeatedActionAtObservationRatio).toBeCloseTo(1 / 3, 12);
  });
});

describe('budgetFullAt', () => {
  it.each<[string, number | null, number, HandTurn[], Leaf[]]>([
    ['with free leaves', null, 3, [{ id: '0' }, { id: '1' }], [leaf('0'), leaf('1')]],
    ['by the roots alone', 0, 2, [{ id: '0' }, { id: '1' }], [leaf('0'), leaf('1')]],
    ['by lost roots', 0, 2, [{ id: '0' }], [leaf('0'), lost('1', null)]],
    [
      'by a fork whose child was lost',
      1,
      2,
      [{ id: '0' }, { id: '0.0', granted: 2 }, { id: '0.0.0' }],
      [leaf('0.0.0'), lost('0.0.1', '0.0')],
    ],
    [
      'by a same-turn fork: two responses at turn 1, the siblings 0.0 and 0.1',
      1,
      2,
      [{ id: '0' }, { id: '0.0', granted: 2 }, { id: '0.1' }, { id: '0.1.0' }],
      [leaf('0.0'), leaf('0.1.0')],
    ],
    [
      'by a same-turn fork at a root, which adds a root',
      0,
      2,
      [{ id: '0', granted: 2 }, { id: '1' }],
      [leaf('0'), leaf('1')],
    ],
    [
      'by an expansion of turn 0.0',
      1,
      2,
      [{ id: '0' }, { id: '0.0', granted: 2, requested: 1 }, { id: '0.0.0' }, { id: '0.0.1' }],
      [leaf('0.0.0'), leaf('0.0.1')],
    ],
    [
      'by an expansion that added roots',
      1,
      4,
      [{ id: '0' }, { id: '0.0', granted: 2 }, { id: '0.0.0' }, { id: '0.0.1' }, { id: '1' }],
      [leaf('0.0.0'), leaf('0.0.1'), leaf('1'), lost('2', null)],
    ],
  ])('%s is %p', (_name, expected, limit, turns, leaves) => {
    expect(treeStatistics(handTree({ turns, leaves, limit })).budgetFullAt).toBe(expected);
  });

  it('is what a rollout shows', async () => {
    const grow = (explores: string, leaves: number) =>
      rolloutTree({
        environment: plainWorld(),
        policy: scriptedPolicy(({ request: { key } }) => {
          const mode = key[key.indexOf('node') + 1] === explores ? 'explore' : 'think';
          return `<${mode}></${mode}><action>a</action>`;
        }),
        protocol,
        brief,
        task: task(),
        seed: [],
        budget: strictLeaves(leaves),
        criterion: exploring(),
        roots: 2,
        maxTurns: 4,
      }).then((tree) => treeStatistics(tree).budgetFullAt);
    expect(await grow('nobody', 3)).toBeNull();
    expect(await grow('nobody', 2)).toBe(0);
    expect(await grow('1', 3)).toBe(0);
    expect(await grow('0.0.0', 3)).toBe(2);
  });
});

/** Grows on from the initial state and from turns that it picks. */
const anywhere: Expansion = {
  id: 'anywhere',
  rounds: 2,
  choose: ({ expandable, random }) =>
    [null, ...expandable]
      .filter(() => random.uniform() < 0.3)
      .map((node) => ({ node, children: 1 + random.integer(2) })),
};

/** Two probes; all roots and leaves when they differ. */
const spending: SpendingRule = {
  id: 'split',
  probes: 2,
  plan: (turns) =>
    new Set(turns.map(({ action }) => action)).size > 1
      ? { roots: 4, leaves: 8, width: 3 }
      : { roots: 2, leaves: 3, width: 2 },
};

interface Ways {
  readonly forkAt?: 'next-turn' | 'same-turn';
  readonly profile?: 'spark' | 'reference-code';
  readonly expansion?: Expansion;
  readonly spending?: SpendingRule;
}

const grown = (seed: number, ways: Ways = {}) => {
  const chances = { seed, end: 0.2, explore: 0.4, invalid: 0.2, fail: seed % 3 === 0 ? 0.05 : 0 };
  return rolloutTree({
    environment: randomWorld(chances),
    policy: randomPolicy(chances),
    protocol,
    brief,
    task: task(),
    seed: [seed],
    budget: strictLeaves(8),
    criterion: exploring(3),
    roots: ways.spending === undefined ? 2 : 4,
    maxTurns: 5,
    retries: 0,
    ...ways,
  });
};

describe('statistics of random trees', () => {
  it('agree with counts over all leaves and turns, in whatever way the trees grew', async () => {
    const ways = fc.record(
      {
        forkAt: fc.constantFrom<'next-turn' | 'same-turn'>('next-turn', 'same-turn'),
        profile: fc.constantFrom<'spark' | 'reference-code'>('spark', 'reference-code'),
        expansion: fc.constant(anywhere),
        spending: fc.constant(spending),
      },
      { requiredKeys: [] },
    );
    const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), ways, async (seed, how) => {
        const tree = await grown(seed, how);
        const { turns, leaves, account } = tree;
        const statistics = treeStatistics(tree);
        const own = leaves.filter(({ copy }) => copy === undefined);
        const below = leavesBelow({ turns, leaves: own });
        const sum = (of: (count: number, tokens: number) => number): number =>
          [...below].reduce(
            (all, [id, ends]) =>
              all + of(ends.length, turns.get(id)!.generation.responseTokens.length),
            0,
          );
        if (statistics.failed === 0) {
          expect(statistics.chainEquivalentResponseTokens).toBe(sum((k, tokens) => k * tokens));
        }
        expect(statistics.uniqueResponseTokens).toBe(sum((_, tokens) => tokens));
        expect(statistics.chainEquivalentResponseTokens).toBeGreaterThanOrEqual(
          statistics.uniqueResponseTokens,
        );
        expect(statistics.leaves + statistics.failed + statistics.copies).toBe(leaves.length);
        expect(statistics.leaves + statistics.failed).toBeLessThanOrEqual(account.limit);
        expect(total(statistics.turnsByIndex)).toBe(turns.size);
        expect(total(statistics.forksByIndex)).toBe(statistics.forks);
        expect(total(statistics.leavesPerRoot)).toBe(statistics.leaves);
        expect(statistics.repeatedActionAtObservationRatio).toBeLessThanOrEqual(
          statistics.repeatedActionRatio + 1e-12,
        );
        // Later turns opened nothing, and with the turn itself the budget was full.
        const { budgetFullAt } = statistics;
        expect(budgetFullAt === null).toBe(account.free > 0);
        if (budgetFullAt === null) return;
        const openedAfter = (t: number): number =>
          total([...turns.values()].map((turn) => (turn.index > t ? turn.grantedWidth - 1 : 0)));
        expect(createdLeaves(account) - openedAfter(budgetFullAt)).toBe(account.limit);
        if (budgetFullAt > 0) expect(openedAfter(budgetFullAt - 1)).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });

  it('are zero, never NaN, without turns', () => {
    const tree = handTree({ turns: [], leaves: [lost('0', null)], limit: 1 });
    const statistics = treeStatistics(tree);
    expect(Object.values(statistics).filter((value) => Number.isNaN(value))).toEqual([]);
    expect(statistics).toMatchObject({ leaves: 0, failed: 1, exploreRatio: 0, depth: 0 });
    expect(statistics.meanForkDepth).toBeNull();
    expect(statistics.budgetFullAt).toBe(0);
  });
});

describe('summarizeTrees', () => {
  const a = handTree({
    turns: [
      { id: '0', action: 'x', mode: 'explore', granted: 2 },
      { id: '0.0', action: 'x' },
      { id: '0.1', action: 'y' },
    ],
    leaves: [leaf('0.0', 'success'), leaf('0.1')],
    limit: 2,
  });
  const b = handTree({
    turns: [
      { id: '0', action: 'x' },
      { id: '1', action: 'x', text: 'other' },
    ],
    leaves: [leaf('0'), leaf('1')],
  });

  it('adds counts, and averages over what each number is of', () => {
    expect(summarizeTrees([a, b])).toMatchObject({
      trees: 2,
      roots: 3,
      leaves: 4,
      successes: 1,
      turns: 5,
      turnsByIndex: [3, 2],
      forksByIndex: [1, 0],
      exploringByIndex: [1, 0],
      exploreRatio: 1 / 5,
      meanPathLength: 6 / 4,
      rootActionDiversity: (1 + 1 / 2) / 2,
      rootResponseDiversity: 1,
      largestRootShare: (1 + 1 / 2) / 2,
      repeatedActionRatio: 1 / 2 / 4,
      budgetSpentRatio: 4 / 5,
      budgetFullRatio: 1 / 2,
      meanBudgetFullAt: 0,
      uniqueResponseTokens: 5,
      chainEquivalentResponseTokens: 6,
    });
  });

  it('of one tree is its statistics', async () => {
    const tree = await grown(1);
    const { leavesPerRoot, budgetFullAt, ...shared } = treeStatistics(tree);
    expect(summarizeTrees([tree])).toMatchObject(shared);
    expect(summarizeTrees([tree])).toMatchObject({
      roots: leavesPerRoot.length,
      meanBudgetFullAt: budgetFullAt,
    });
  });

  it('becomes metrics that are all finite, under the names of the metrics file', () => {
    const metrics = treeMetrics(summarizeTrees([a, b]));
    expect(metrics).toMatchObject({
      'tree/leaves': 2,
      'tree/forks': 1,
      'tree/branch_rate': 1 / 5,
      'tree/duplicate_leaves': 0,
      'tree/leaves_per_root': 4 / 3,
      'tree/prefix_token_saving': 1 - 5 / 6,
      'tree/forks_at/00': 1,
      'explore/share_at/00': 1 / 3,
      'explore/share_at/01': 0,
      'rollout/success': 1 / 4,
      'tree/fork_depth': 0,
      'budget/spent': 4 / 5,
      'budget/full_share': 1 / 2,
      'budget/full_at': 0,
    });
    for (const each of [metrics, treeMetrics(summarizeTrees([]))])
      expect(Object.values(each).every(Number.isFinite)).toBe(true);
    expect(treeMetrics(summarizeTrees([b]))).not.toHaveProperty('tree/fork_depth');
  });
});
