import type { AdvantageEstimator, NodeId, Scorer, Tree } from '@spark-rl/core';

import {
  drGrpo,
  dynamicSampling,
  environmentScore,
  estimateBatch,
  informativeGroups,
  leafStatistics,
  onlyInformative,
  reinforcePlusPlus,
  scoreTrees,
  siblingLocal,
  spoEdge,
  weightedSum,
} from '../src/index.js';
import { advantagesOf, copiesOf, expectAdvantages } from './credits.js';
import { bushy, tree } from './trees.js';

const mixed = [tree([{ next: 'success' }, { next: 'failure' }], 'mixed')];
const solved = [tree([{ next: 'success', valid: false }, { next: 'success' }], 'solved')];
const lost = [tree([{ next: 'success' }, { next: 'failed' }], 'lost')];

describe('a weighted sum', () => {
  it('adds what is said of a turn as a whole to what is said by leaf', () => {
    const sum = weightedSum([
      { estimator: drGrpo(), factor: 1 },
      { estimator: siblingLocal({ std: false }), factor: 0.5 },
    ]);
    const advantages = advantagesOf(sum, [bushy]);
    expectAdvantages(
      { a: advantages['1']!, b: advantages['1.1']! },
      { a: [-1 / 3 + 1 / 36, 2 / 3 + 1 / 36, -1 / 3 + 1 / 36], b: [2 / 3 + 1 / 8, -1 / 3 + 1 / 8] },
    );
    expect(copiesOf(sum, [bushy])['1']!.map(({ weight }) => weight)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(sum.id).toBe('sum(1 dr-grpo, 0.5 sibling-local)');
  });

  it('of one estimator twice is that estimator', () => {
    const halves = weightedSum([
      { estimator: leafStatistics(), factor: 0.5 },
      { estimator: leafStatistics(), factor: 0.5 },
    ]);
    expect(halves.estimate([bushy])).toEqual(leafStatistics().estimate([bushy]));
  });

  it('counts a turn that an estimator leaves out as 0 there', () => {
    const sum = weightedSum([
      { estimator: spoEdge(), factor: 1 },
      { estimator: siblingLocal({ std: false }), factor: 1 },
    ]);
    // The first drops turn 1.
    expectAdvantages({ a: advantagesOf(sum, [bushy])['1']! }, { a: [1 / 18] });
  });

  it('refuses summands that do not fit, and names the turn', () => {
    const weights = weightedSum([
      { estimator: drGrpo({ weights: 'mean' }), factor: 1 },
      { estimator: drGrpo({ weights: 'sum' }), factor: 1 },
    ]);
    expect(() => weights.estimate([bushy])).toThrow(
      'cannot add up turn 0 of tree tree: its summands weigh it differently. Give all summands the same weights.',
    );
    const totals = weightedSum([
      { estimator: drGrpo({ weights: 'sum' }), factor: 1 },
      { estimator: siblingLocal(), factor: 1 },
    ]);
    expect(() => totals.estimate([bushy])).toThrow('turn 0 of tree tree: its summands weigh it');
    expect(() => weightedSum([])).toThrow('no summands');
    expect(() => weightedSum([{ estimator: drGrpo(), factor: Number.NaN }])).toThrow('factor');
    expect(() => weightedSum([{ estimator: reinforcePlusPlus(), factor: 1 }])).toThrow(
      'reinforce-plus-plus is only known with the whole batch',
    );
  });
});

describe('filtering groups', () => {
  it('keeps those whose rewards differ', () => {
    expect(informativeGroups([solved, mixed, lost])).toEqual({
      kept: [1],
      dropped: [
        { group: 0, reason: 'equal-rewards' },
        { group: 2, reason: 'too-few-leaves' },
      ],
    });
  });

  it('by any reward and spread', () => {
    const scored = [
      tree([
        { next: 'failure', score: 1 },
        { next: 'failure', score: 1.5 },
      ]),
    ];
    expect(informativeGroups([scored]).kept).toEqual([]);
    expect(informativeGroups([scored], { reward: environmentScore }).kept).toEqual([0]);
    expect(informativeGroups([scored], { reward: environmentScore, minSpread: 0.5 }).kept).toEqual(
      [],
    );
  });

  it('silences an estimator on the others, fines and all', () => {
    const fined = drGrpo({ invalidPenalty: 1 });
    expect(fined.estimate(solved)).toHaveLength(2);
    const filtered = onlyInformative(fined);
    expect(filtered.estimate(solved)).toEqual([]);
    expect(filtered.estimate(lost)).toEqual([]);
    expect(filtered.estimate(mixed)).toEqual(fined.estimate(mixed));
    expect(onlyInformative(reinforcePlusPlus()).acrossTasks).toBeDefined();
  });
});

describe('dynamic sampling', () => {
  it('asks for as many new tasks as groups are missing, until the rounds are over', () => {
    const decide = dynamicSampling({ groups: 2, rounds: 2 });
    expect(decide([solved, mixed], 0)).toEqual({ kept: [1], newTasks: 1, sameTasks: [] });
    expect(decide([solved, mixed], 1)).toEqual({ kept: [1], newTasks: 0, sameTasks: [] });
    expect(decide([mixed, mixed, mixed], 0)).toEqual({ kept: [0, 1], newTasks: 0, sameTasks: [] });
  });

  it('or tries the same tasks again', () => {
    const decide = dynamicSampling({ groups: 3, again: 'same' });
    const { sameTasks, newTasks, kept } = decide([solved, mixed], 0);
    expect(kept).toEqual([1]);
    expect(sameTasks).toEqual([solved[0]!.task]);
    expect(newTasks).toBe(1);
  });

  it('checks its options', () => {
    expect(() => dynamicSampling({ groups: 0 })).toThrow(/groups/);
    expect(() => dynamicSampling({ groups: 1, minSpread: -1 })).toThrow(/minSpread/);
  });
});

describe('a batch', () => {
  it('is estimated task by task', () => {
    const batch = estimateBatch(drGrpo(), [[bushy], mixed, lost]);
    expect(batch.map(({ tree: { id }, credits }) => [id, credits.length])).toEqual([
      ['tree', 9],
      ['mixed', 2],
      ['lost', 0],
    ]);
  });

  it('is finished across tasks, each tree with its own credits', () => {
    const calls: number[] = [];
    const counting: AdvantageEstimator = {
      ...drGrpo(),
      acrossTasks: (batch) => {
        calls.push(batch.length);
        return batch.slice(1);
      },
    };
    const trees = [tree([{ next: 'success' }], 'first'), tree([{ next: 'failure' }], 'second')];
    const batch = estimateBatch(counting, [trees]);
    expect(calls).toEqual([2]);
    expect(batch).toEqual([
      {
        tree: trees[1],
        credits: [
          { tree: 'second', node: '0', copies: [{ leaf: '0', advantage: -0.5, weight: 1 }] },
        ],
      },
    ]);
  });
});

describe('asking a scorer', () => {
  const scorer = (score: number, node = '0'): Scorer => ({
    id: 'constant',
    score: () => new Map([[node as NodeId, score]]),
  });

  it('collects what it says', async () => {
    const trees: Tree[] = [...mixed, ...solved];
    const later: Scorer = {
      id: 'later',
      score: (scored) => Promise.resolve(scorer(2).score(scored)),
    };
    const scores = await scoreTrees(later, trees);
    expect([...scores].map(([id, turns]) => [id, [...turns]])).toEqual([
      ['mixed', [['0', 2]]],
      ['solved', [['0', 2]]],
    ]);
  });

  it('refuses what no estimator can use, and names the node', async () => {
    await expect(scoreTrees(scorer(Number.NaN), mixed)).rejects.toThrow(
      'scorer constant rated turn 0 of tree mixed with NaN',
    );
    await expect(scoreTrees(scorer(1, '7'), mixed)).rejects.toThrow(
      'scorer constant rated turn 7, which is not in tree mixed',
    );
    await expect(scoreTrees(scorer(1), [...mixed, ...mixed])).rejects.toThrow(
      'mixed is given twice',
    );
    await expect(
      scoreTrees(scorer(1), mixed, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'aborted' });
  });
});
