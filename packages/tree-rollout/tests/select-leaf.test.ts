import { createTreeBuilder, treeId, type Leaf, type Tree } from '@spark-rl/core';
import fc from 'fast-check';

import { selectLeaf, type LeafRule } from '../src/select-leaf.js';
import {
  bestOf,
  environmentScore,
  firstPath,
  lastAction,
  majorityVote,
  meanLogProbability,
} from '../src/select-leaf-rules.js';
import { handTree } from './hand-tree.js';

/** One path a leaf, each of a single turn: its action, the log-probabilities of its response, and its score. */
const paths = (
  rows: readonly (readonly [action: string, logProbs: readonly number[], score?: number])[],
  change: (leaf: Leaf, index: number) => Leaf = (leaf) => leaf,
): Tree =>
  handTree({
    turns: rows.map(([action, logProbs], i) => ({ id: String(i), action, logProbs })),
    leaves: rows.map((row, i) => change({ ...handTree.leaf(String(i)), score: row[2] ?? 0 }, i)),
  });

const chosen = (tree: Tree, rule: LeafRule): string | null => selectLeaf(tree, rule)?.id ?? null;

describe('selectLeaf with majorityVote', () => {
  it('takes the largest class, and of it the likeliest path', () => {
    const tree = paths([
      ['b', [-0.1]],
      ['a', [-2]],
      ['a', [-1, -1]],
      ['a', [-1, -0.5]],
    ]);
    expect(chosen(tree, majorityVote())).toBe('3');
  });

  it('breaks ties between classes by the likeliest path, then by path order', () => {
    const split = paths([
      ['a', [-1]],
      ['b', [-3]],
      ['a', [-2]],
      ['b', [-0.5]],
      ['c', [-0.1]],
    ]);
    expect(chosen(split, majorityVote())).toBe('3');
    const even = paths([
      ['a', [-1]],
      ['b', [-1]],
    ]);
    expect(chosen(even, majorityVote())).toBe('0');
  });

  it('hears neither failed leaves nor copies nor paths without an answer', () => {
    const tree = paths(
      [
        ['a', [-1]],
        ['a', [-1]],
        ['a', [-1]],
        ['b', [-1]],
        ['b', [-1]],
      ],
      (leaf, i) => {
        if (i === 0) return { ...leaf, outcome: 'failed', error: 'gone', lostTo: 'policy' };
        return i === 1 ? { ...leaf, copy: { of: handTree.leaf('2').id, reason: 'padding' } } : leaf;
      },
    );
    expect(chosen(tree, majorityVote())).toBe('3');
    const silent = majorityVote({
      answer: (leaf, path) => (leaf.id === '2' ? path[0]!.action : null),
    });
    expect(chosen(tree, silent)).toBe('2');
    expect(chosen(tree, majorityVote({ answer: () => null }))).toBeNull();
  });

  it('takes the last action of a valid response for the answer', () => {
    const tree = handTree({
      turns: [
        { id: '0', action: 'a' },
        { id: '0.0', action: 'b' },
        { id: '1', action: '', valid: false },
      ],
      leaves: [handTree.leaf('0.0'), handTree.leaf('1')],
    });
    const [first, second] = tree.leaves;
    expect(lastAction(first!, [...tree.turns.values()].slice(0, 2))).toBe('b');
    expect(lastAction(second!, [...tree.turns.values()].slice(2))).toBeNull();
    expect(chosen(tree, majorityVote())).toBe('0.0');
  });

  it('agrees with a count by hand on random votes', () => {
    const rows = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.tuple(fc.integer({ min: -9, max: 0 }))),
      { minLength: 1, maxLength: 9 },
    );
    fc.assert(
      fc.property(rows, (votes) => {
        const count = (action: string): number => votes.filter(([a]) => a === action).length;
        const most = Math.max(...votes.map(([action]) => count(action)));
        const finalists = votes.filter(([action]) => count(action) === most);
        const likeliest = Math.max(...finalists.map(([, [logProb]]) => logProb));
        const expected = votes.findIndex(
          ([action, [logProb]]) => count(action) === most && logProb === likeliest,
        );
        expect(chosen(paths(votes), majorityVote())).toBe(String(expected));
      }),
      { numRuns: 200 },
    );
  });
});

describe('selectLeaf with bestOf', () => {
  const tree = paths([
    ['a', [-4], 0.2],
    ['b', [-1, -2], 0.9],
    ['c', [-1, -1, -1.5], 0.9],
  ]);

  it('takes the highest score, of equal ones the first', () => {
    expect(chosen(tree, bestOf({ score: environmentScore }))).toBe('1');
    expect(chosen(tree, bestOf({ score: meanLogProbability }))).toBe('2');
    expect(chosen(tree, bestOf({ score: () => -Infinity }))).toBe('0');
  });

  it('gives the score the whole path, and weighs tokens, not turns', () => {
    const longer = handTree({
      turns: [
        { id: '0', action: 'a', logProbs: [-1, -1, -1] },
        { id: '0.0', action: 'b', logProbs: [-5] },
      ],
      leaves: [handTree.leaf('0.0')],
    });
    const seen: [string, number][] = [];
    const rule = bestOf({
      score: (leaf, path) => {
        seen.push([path.map(({ action }) => action).join(), meanLogProbability(leaf, path)]);
        return 0;
      },
    });
    expect(chosen(longer, rule)).toBe('0.0');
    expect(seen).toEqual([['a,b', -2]]);
    expect(meanLogProbability(longer.leaves[0]!, [])).toBe(-Infinity);
  });

  it('refuses what is no score or no function, naming it', () => {
    expect(() => selectLeaf(tree, bestOf({ score: () => NaN }))).toThrow(
      /rule best-of: leaf 0 has no score.*-Infinity/,
    );
    expect(() => bestOf({ score: 1 as never })).toThrow(/bestOf: score: expected a function/);
    expect(() => majorityVote({ answers: lastAction } as never)).toThrow(/majorityVote/);
  });
});

describe('selectLeaf with any rule', () => {
  it('takes the first path with firstPath', () => {
    expect(
      chosen(
        paths([
          ['a', [-9]],
          ['b', [-1]],
        ]),
        firstPath(),
      ),
    ).toBe('0');
  });

  it('has none to choose in a tree whose paths were all lost', () => {
    const builder = createTreeBuilder(treeId('lost'), handTree.opening);
    builder.addLeaf({
      ...handTree.leaf('0'),
      tail: null,
      outcome: 'failed',
      lostTo: 'task',
      error: 'x',
    });
    const tree = builder.build({ limit: 1, used: 0, reserved: 0, failed: 1, free: 0 });
    for (const rule of [firstPath(), majorityVote(), bestOf({ score: environmentScore })])
      expect(selectLeaf(tree, rule)).toBeNull();
  });

  it('refuses a leaf that was not offered', () => {
    const strange: LeafRule = {
      id: 'strange',
      choose: ([first]) => ({ leaf: first!.leaf, path: [] }),
    };
    expect(() => selectLeaf(paths([['a', [-1]]]), strange)).toThrow(
      /rule strange chose a leaf that it was not offered/,
    );
  });
});
