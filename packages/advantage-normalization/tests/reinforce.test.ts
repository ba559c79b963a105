import type { CreditedTree, Tree } from '@spark-rl/core';

import {
  estimateBatch,
  reinforce,
  reinforcePlusPlus,
  reinforcePlusPlusBaseline,
  rloo,
  whitened,
} from '../src/index.js';
import { advantagesOf, expectAdvantages } from './credits.js';
import { bushy, tree } from './trees.js';

const byNode = (batch: readonly CreditedTree[]): Record<string, number[]> =>
  Object.fromEntries(
    batch.flatMap(({ tree: { id }, credits }) =>
      credits.map(({ node, copies }) => [`${id} ${node}`, copies.map((copy) => copy.advantage)]),
    ),
  );

describe('REINFORCE', () => {
  it('takes a constant off', () => {
    const { 1: forked, 2: chain } = advantagesOf(reinforce({ baseline: 0.25 }), [bushy]);
    expect([forked, chain]).toEqual([[-0.25, 0.75, -0.25], [-0.25]]);
  });

  it('needs no group', () => {
    expect(advantagesOf(reinforce(), [tree([{ next: 'success' }])])).toEqual({ 0: [1] });
  });
});

describe('RLOO', () => {
  it('compares a leaf with the others', () => {
    const advantages = advantagesOf(rloo(), [bushy]);
    expectAdvantages(
      { a: advantages['1']!, b: advantages['2']! },
      { a: [-0.4, 0.8, -0.4], b: [-0.4] },
    );
  });

  it('or with the leaves of the other roots', () => {
    expectAdvantages(advantagesOf(rloo({ leaveOut: 'root' }), [bushy]), {
      '0': [3 / 4, -1 / 4],
      '0.0': [3 / 4],
      '0.1': [-1 / 4],
      '1': [-1 / 3, 2 / 3, -1 / 3],
      '1.0': [-1 / 3],
      '1.1': [2 / 3, -1 / 3],
      '1.1.0': [2 / 3],
      '1.1.1': [-1 / 3],
      '2': [-0.4],
    });
  });

  it('by reach, the other roots count alike', () => {
    // The roots are worth 1/2, 1/4 and 0.
    const advantages = advantagesOf(rloo({ leaveOut: 'root', weights: 'reach' }), [bushy]);
    expectAdvantages(
      { a: advantages['0']!, b: advantages['1']!, c: advantages['2']! },
      { a: [7 / 8, -1 / 8], b: [-1 / 4, 3 / 4, -1 / 4], c: [-3 / 8] },
    );
  });

  it('has nothing to compare below a single root', () => {
    const single = tree([{ next: [{ next: 'success' }, { next: 'failure' }] }]);
    expect(rloo({ leaveOut: 'root' }).estimate([single])).toEqual([]);
    expect(rloo().estimate([single])).toHaveLength(3);
  });
});

describe('REINFORCE++', () => {
  const of = (
    name: string,
    outcomes: readonly Tree['leaves'][number]['outcome'][],
    tokens = 1,
  ): Tree =>
    tree(
      outcomes.map((next) => ({ next, tokens })),
      name,
    );

  it('whitens returns over the batch, token by token', () => {
    const batch = [
      tree([
        { next: 'success', tokens: 3 },
        { next: 'failure', tokens: 1 },
      ]),
    ];
    // Tokens 1, 1, 1, 0: mean 3/4, sample variance 1/4.
    const exact = { whitenEpsilon: 0, invalidPenalty: 0 };
    expectAdvantages(byNode(estimateBatch(reinforcePlusPlus(exact), [batch])), {
      'tree 0': [0.5],
      'tree 1': [-1.5],
    });
    // Turns 1, 0: mean 1/2, sample variance 1/2.
    expectAdvantages(byNode(estimateBatch(reinforcePlusPlus({ ...exact, per: 'turn' }), [batch])), {
      'tree 0': [Math.SQRT1_2],
      'tree 1': [-Math.SQRT1_2],
    });
  });

  it('discounts by turn when asked', () => {
    const chain = tree([{ tokens: 1, next: [{ tokens: 1, next: 'success' }] }]);
    expect(advantagesOf(reinforcePlusPlus({ gamma: 0.5 }), [chain])).toEqual({
      0: [0.5],
      '0.0': [1],
    });
    // 1/2 and 1: mean 3/4, sample variance 1/8.
    const batch = estimateBatch(reinforcePlusPlus({ gamma: 0.5, whitenEpsilon: 0 }), [[chain]]);
    const deviation = Math.sqrt(1 / 8);
    expectAdvantages(byNode(batch), {
      'tree 0': [-0.25 / deviation],
      'tree 0.0': [0.25 / deviation],
    });
  });

  it('with a baseline takes the mean of each group off first', () => {
    const groups = [[of('hard', ['success', 'failure'])], [of('easy', ['success', 'success'])]];
    // 1/2, -1/2, 0, 0: mean 0, sample variance 1/6.
    const deviation = Math.sqrt(1 / 6);
    const batch = estimateBatch(reinforcePlusPlusBaseline({ whitenEpsilon: 0 }), groups);
    expectAdvantages(byNode(batch), {
      'hard 0': [0.5 / deviation],
      'hard 1': [-0.5 / deviation],
      'easy 0': [0],
      'easy 1': [0],
    });
    // Without it, both tasks have the baseline 3/4.
    const plain = estimateBatch(reinforcePlusPlus({ whitenEpsilon: 0 }), groups);
    expectAdvantages(byNode(plain), {
      'hard 0': [0.5],
      'hard 1': [-1.5],
      'easy 0': [0.5],
      'easy 1': [0.5],
    });
  });

  it('fines after whitening, and gives equal returns nothing else', () => {
    const fined = tree([
      { next: 'failure', tokens: 1 },
      { next: 'failure', valid: false, tokens: 1 },
    ]);
    for (const estimator of [
      reinforcePlusPlus({ invalidPenalty: 0.5 }),
      reinforcePlusPlusBaseline({ invalidPenalty: 0.5 }),
    ]) {
      expect(byNode(estimateBatch(estimator, [[fined]]))).toEqual({
        'tree 0': [0],
        'tree 1': [-0.5],
      });
    }
  });
});

describe('whitening', () => {
  it('counts a copy by its weight', () => {
    // With weights mean the root is half 1 and half 0: copies 1 (1/2), 0 (1/2), 1, 0; mean 1/2, and 1 - sum v^2 = 1 - (1/4 + 1/4 + 1 + 1) / 9.
    const forked = tree([{ next: [{ next: 'success' }, { next: 'failure' }] }]);
    const estimator = whitened(reinforce(), { per: 'turn', whitenEpsilon: 0 });
    const deviation = Math.sqrt(1 / 4 / (1 - 2.5 / 9));
    expectAdvantages(byNode(estimateBatch(estimator, [[forked]])), {
      'tree 0': [0.5 / deviation, -0.5 / deviation],
      'tree 0.0': [0.5 / deviation],
      'tree 0.1': [-0.5 / deviation],
    });
  });

  it('is what the estimate is finished with, not the estimate', () => {
    const estimator = whitened(reinforce(), { per: 'turn' });
    expect(estimator.id).toBe('whitened(reinforce)');
    expect(estimator.estimate([bushy])).toEqual(reinforce().estimate([bushy]));
  });

  it('refuses tokens where there are none', () => {
    expect(() => estimateBatch(whitened(reinforce()), [[bushy]])).toThrow(
      'no turn of the batch has a response token. Whiten per turn.',
    );
    expect(estimateBatch(whitened(reinforce()), [])).toEqual([]);
  });
});
