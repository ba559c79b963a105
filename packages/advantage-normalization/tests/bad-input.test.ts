import { InvalidInputError, taskId, type AdvantageEstimator, type Tree } from '@spark-rl/core';

import { giGpo, ratedReward, reinforce, turnDiscounted, whitened } from '../src/index.js';
import { everyEstimator } from './every-estimator.js';
import { bushy, tree } from './trees.js';

const success = (): number => 1;
const estimators = (reward: () => number): AdvantageEstimator[] =>
  Object.values(everyEstimator).map(({ make }) => make({ reward, invalidPenalty: 0 }));

function expectRefusal(act: () => unknown, message: string | RegExp): void {
  expect(act).toThrow(InvalidInputError);
  expect(act).toThrow(message);
}

describe('every estimator refuses, and says where it is', () => {
  const broken: readonly (readonly [string, readonly Tree[], string])[] = [
    [
      'trees of several tasks',
      [bushy, tree([{ next: 'success' }], 'other', { ofTask: { ...bushy.task, id: taskId('b') } })],
      'tree other is of task b, tree tree is of task task. Estimate the trees of one task at a time.',
    ],
    ['a tree given twice', [bushy, bushy], 'tree tree is given twice'],
    ['a tree without leaves', [{ ...bushy, leaves: [] }], 'tree tree has no leaves'],
    [
      'a path without an end',
      [{ ...bushy, leaves: bushy.leaves.filter(({ id }) => id !== '1.1.0') }],
      'turn 1.1.0 of tree tree has neither a child nor a leaf',
    ],
    [
      'a leaf at no turn',
      [{ ...bushy, turns: new Map([...bushy.turns].filter(([id]) => id !== '1.1.0')) }],
      'leaf 1.1.0 of tree tree ends at turn 1.1.0, which is not in the tree',
    ],
  ];
  it.each(broken)('%s', (_, trees, message) => {
    for (const estimator of estimators(success))
      expectRefusal(() => estimator.estimate(trees), message);
  });

  it('rewards that are no numbers', () => {
    for (const reward of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const estimator of estimators(() => reward)) {
        expectRefusal(
          () => estimator.estimate([bushy]),
          `the reward of leaf 0.0 of tree tree is ${reward}. Return a finite number for every leaf.`,
        );
      }
    }
  });
});

describe('rewards of steps', () => {
  it('must be finite', () => {
    const stepReward = ({ turn }: { turn: { id: string } }): number =>
      turn.id === '1.1' ? Number.NaN : 0;
    for (const estimator of [giGpo({ stepReward }), turnDiscounted({ stepReward })]) {
      expectRefusal(
        () => estimator.estimate([bushy]),
        'the reward of turn 1.1 of tree tree on the path of leaf 1.1.0 is NaN',
      );
    }
  });

  it('must be known where they are read', () => {
    const rated = turnDiscounted({ stepReward: ratedReward });
    expectRefusal(
      () => rated.estimate([bushy]),
      'turn 0 of tree tree has no score. Give the scores of every turn as the second argument',
    );
    expectRefusal(() => rated.estimate([bushy], new Map()), 'turn 0 of tree tree has no score');
  });
});

describe('reach weights', () => {
  const reach = reinforce({ weights: 'reach' });
  it.each([
    [
      'forks at the same turn',
      { forkAt: 'same-turn' },
      /no reach weights: where a fork samples the same turn again/,
    ],
    [
      'an expansion',
      { expansion: 'random-nodes' },
      /no reach weights: an expansion chooses where to grow/,
    ],
  ] as const)('are refused after %s', (_, settings, message) => {
    const grown = tree([{ next: 'success' }, { next: 'failure' }], 'grown', { settings });
    expectRefusal(() => reach.estimate([grown]), message);
    expect(reinforce({ weights: 'mean' }).estimate([grown])).toHaveLength(2);
  });

  it('are there after forks at the next turn', () => {
    const settings = { forkAt: 'next-turn' };
    expect(reach.estimate([tree([{ next: 'success' }], 'grown', { settings })])).toHaveLength(1);
  });
});

describe('advantages of others', () => {
  it('that are no numbers are not whitened', () => {
    const broken: AdvantageEstimator = {
      id: 'broken',
      estimate: ([one]) => [
        {
          tree: one!.id,
          node: [...one!.turns.keys()][0]!,
          copies: [{ advantage: Number.NaN, weight: 1 }],
        },
      ],
    };
    const credits = broken.estimate([bushy]);
    expectRefusal(
      () => whitened(broken).acrossTasks!([{ tree: bushy, credits }]),
      'an advantage of turn 0 of tree tree is NaN',
    );
  });
});

describe('options', () => {
  it('that do not exist are named', () => {
    for (const { make } of Object.values(everyEstimator)) {
      expectRefusal(
        () => make({ reward: success, invalidPenalty: -1 }),
        /invalidPenalty: .* \(found -1\)/,
      );
      expectRefusal(
        () => make({ reward: success, invalidPenalty: 0, weights: 'all' as never }),
        /weights: .* \(found "all"\)/,
      );
    }
  });
});
