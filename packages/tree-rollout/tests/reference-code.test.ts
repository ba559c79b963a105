import { completedLeaves, type Arbiter, type Tree } from '@spark-rl/core';

import { rolloutTree, type RolloutTreeOptions } from '../src/index.js';
import {
  brief,
  exploring,
  inOrder,
  plainWorld,
  protocol,
  shape,
  strictLeaves,
  tablePolicy,
  task,
} from './support.js';

// Traces of the published code, derived by hand from its description: slots, clones and padding.

const grow = (
  table: Readonly<Record<string, string>>,
  overrides: Partial<RolloutTreeOptions<string>> = {},
): Promise<Tree> =>
  rolloutTree({
    environment: plainWorld(),
    policy: tablePolicy(table),
    protocol,
    brief,
    task: task(),
    seed: ['seed', 1],
    criterion: exploring(),
    arbiter: inOrder,
    budget: strictLeaves(8),
    profile: 'reference-code',
    ...overrides,
  });

const copies = (tree: Tree): string[] =>
  tree.leaves.flatMap(({ id, copy }) =>
    copy === undefined ? [] : [`${id} = ${copy.of} (${copy.reason})`],
  );

describe('profile reference-code', () => {
  it('clones a slot after the step that explores; the clone is a candidate from the next step on', async () => {
    // N 4, M 2. Step 0: slots {0, 1}; slot 0 explores, slot 2 becomes its clone (created 3). Step 1: slots {0, 1, 2}; the clone
    // explores, slot 3 becomes its clone (created 4). Step 2: slot 1 explores, nothing is left. The limit of 4 steps ends all.
    const tree = await grow(
      { 0: 'explore a', '0.1': 'explore b', '1.0.0': 'explore c' },
      { budget: strictLeaves(4), roots: 2, maxTurns: 4 },
    );
    expect(shape(tree).turns).toEqual([
      ...['0:2', '0.0:1', '0.0.0:1', '0.0.0.0:1'],
      ...['0.1:2', '0.1.0:1', '0.1.0.0:1', '0.1.1:1', '0.1.1.0:1'],
      ...['1:1', '1.0:1', '1.0.0:1', '1.0.0.0:1'],
    ]);
    expect(tree.turns.get('1.0.0' as never)).toMatchObject({ requestedWidth: 2, grantedWidth: 1 });
    expect(copies(tree)).toEqual([]);
    expect(tree.account).toEqual({ limit: 4, used: 4, reserved: 0, failed: 0, free: 0 });
  });

  it('clones a slot that became done in this very step: a duplicate leaf that costs budget', async () => {
    // N 3, M 1. Step 0: the only slot explores and wins; its clone is created already done. Created 2, so one more explorer
    // could fork, but nobody runs. The group {win, win} is padded to 3.
    const tree = await grow({ 0: 'explore win' }, { budget: strictLeaves(3), roots: 1 });
    expect(shape(tree)).toEqual({
      turns: ['0:2'],
      leaves: ['0 success', '0.1 success', '0.2 success'],
    });
    expect(copies(tree)).toEqual(['0.1 = 0 (fork)', '0.2 = 0 (padding)']);
    expect(tree.leaves.map(({ tail }) => tail)).toEqual(['0', '0', '0']);
    // The padding is no leaf that was ever created.
    expect(tree.account).toEqual({ limit: 3, used: 2, reserved: 0, failed: 0, free: 1 });
  });

  it('clones a slot that hits the step limit', async () => {
    const tree = await grow(
      { '0.0': 'explore a' },
      { budget: strictLeaves(2), roots: 1, maxTurns: 2 },
    );
    expect(shape(tree)).toEqual({
      turns: ['0:1', '0.0:2'],
      leaves: ['0.0 truncated', '0.0.1 truncated'],
    });
    expect(copies(tree)).toEqual(['0.0.1 = 0.0 (fork)']);
  });

  it('lets finished slots take budget from running ones, in the order in which they are visited', async () => {
    // N 3, M 2: both explore at step 0, the first ends there. Visited first, its clone takes the last slot.
    const table = { 0: 'explore lose', 1: 'explore a' };
    const options = { budget: strictLeaves(3), roots: 2, maxTurns: 2 };
    const first = await grow(table, options);
    expect(shape(first).turns).toEqual(['0:2', '1:1', '1.0:1']);
    const arbiter: Arbiter = {
      id: 'last-first',
      order: (requests) => [...requests].reverse(),
    };
    const last = await grow(table, { ...options, arbiter });
    expect(shape(last).turns).toEqual(['0:1', '1:2', '1.0:1', '1.1:1']);
    expect(copies(last)).toEqual([]);
  });

  it('visits in random order: each of four competing slots wins its share', async () => {
    const wins = [0, 0, 0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const tree = await grow(
        { 0: 'explore a', 1: 'explore a', 2: 'explore a', 3: 'explore a' },
        { budget: strictLeaves(5), maxTurns: 2, seed: [seed], arbiter: undefined },
      );
      wins[
        [0, 1, 2, 3].findIndex((i) => tree.turns.get(String(i) as never)!.grantedWidth === 2)
      ]!++;
    }
    // Mean 50, standard deviation 6.1.
    for (const count of wins) expect(Math.abs(count - 50)).toBeLessThan(25);
  });

  it('fills a group up to N by leaves drawn with replacement, never the failed ones', async () => {
    // N 8, M 2, no fork: six copies of two leaves, each drawn with probability 1/2.
    let ofFirst = 0;
    for (let seed = 0; seed < 100; seed++) {
      const tree = await grow({ 0: 'think win', 1: 'think lose' }, { roots: 2, seed: [seed] });
      expect(completedLeaves(tree)).toHaveLength(8);
      expect(new Set(tree.leaves.map(({ id }) => id)).size).toBe(8);
      for (const { id, tail, outcome, copy } of tree.leaves) {
        expect(tail).toBe(copy?.of ?? id);
        expect(outcome).toBe(tail === '0' ? 'success' : 'failure');
      }
      ofFirst += tree.leaves.filter(({ copy }) => copy?.of === '0').length;
    }
    // 600 draws: mean 300, standard deviation 12.2.
    expect(Math.abs(ofFirst - 300)).toBeLessThan(50);
  });

  it('has nothing to fill up from when every path was lost', async () => {
    const policy = { id: 'broken', generate: () => Promise.reject(new Error('gone')) };
    const tree = await grow({}, { policy, roots: 2, retries: 0 });
    expect(shape(tree).leaves).toEqual(['0 failed', '1 failed']);
  });
});
