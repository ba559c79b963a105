import { leavesBelow } from '@spark-rl/core';
import { scriptedPolicy } from '@spark-rl/core/testing';
import fc from 'fast-check';

import { rolloutTree, treeStatistics } from '../src/index.js';
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

describe('treeStatistics', () => {
  it('measures a tree as counted by hand', async () => {
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
      failed: 1,
      turns: 5,
      forks: 1,
      exploreRatio: 1 / 5,
      invalidRatio: 1 / 5,
      depth: 3,
      budgetFullAt: 0,
      uniqueResponseTokens: unique,
      chainEquivalentResponseTokens: unique + tokens(words['0']!),
      uniquePromptTokens: 2 * first + 2 * second + third,
      chainEquivalentPromptTokens: 3 * first + 2 * second + third,
    });
  });

  it('says when the budget was full', async () => {
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

  it('agrees with a count over all leaves, and is zero without turns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), async (seed) => {
        const chances = { seed, end: 0.2, explore: 0.5, invalid: 0.2, fail: 0 };
        const tree = await rolloutTree({
          environment: randomWorld(chances),
          policy: randomPolicy(chances),
          protocol,
          brief,
          task: task(),
          seed: [seed],
          budget: strictLeaves(8),
          criterion: exploring(3),
          roots: 2,
          maxTurns: 5,
        });
        let expected = 0;
        for (const [id, leaves] of leavesBelow(tree))
          expected += leaves.length * tree.turns.get(id)!.generation.responseTokens.length;
        const statistics = treeStatistics(tree);
        expect(statistics.chainEquivalentResponseTokens).toBe(expected);
        expect(statistics.uniqueResponseTokens).toBeLessThanOrEqual(expected);
        expect(treeStatistics({ ...tree, turns: new Map(), leaves: [] })).toMatchObject({
          exploreRatio: 0,
          invalidRatio: 0,
          depth: 0,
        });
      }),
      { numRuns: 50 },
    );
  });
});
