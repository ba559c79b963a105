import {
  completedLeaves,
  InvalidInputError,
  leavesBelow,
  taskId,
  type AdvantageEstimator,
  type CreditCopy,
  type Leaf,
  type Tree,
} from '@spark-rl/core';
import fc from 'fast-check';

import { leafStatistics, rowStatistics, uniqueNode } from '../src/index.js';
import { randomTree, tree } from './trees.js';

/** The vector of the design: a1 forks, one way wins after a2 and a3, the other loses after b2; root c1 loses at once. */
const worked = tree([
  { next: [{ next: [{ next: 'success' }] }, { next: 'failure' }] },
  { next: 'failure' },
]);
const [a1, a2, a3, b2, c1] = ['0', '0.0', '0.0.0', '0.1', '1'];

function copiesOf(
  estimator: AdvantageEstimator,
  ...trees: Tree[]
): Record<string, readonly CreditCopy[]> {
  return Object.fromEntries(estimator.estimate(trees).map(({ node, copies }) => [node, copies]));
}
function advantagesOf(estimator: AdvantageEstimator, ...trees: Tree[]): Record<string, number[]> {
  return Object.fromEntries(
    estimator
      .estimate(trees)
      .map(({ node, copies }) => [node, copies.map(({ advantage }) => advantage)]),
  );
}
function expectAdvantages(
  actual: Record<string, number[]>,
  expected: Record<string, number[]>,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [node, values] of Object.entries(expected)) {
    expect(actual[node]!.length).toBe(values.length);
    for (const [i, value] of values.entries()) expect(actual[node]![i]).toBeCloseTo(value, 4);
  }
}

describe('the worked vector', () => {
  it('leaf statistics', () => {
    const [win, lose] = [1.1547, -0.57735];
    expectAdvantages(advantagesOf(leafStatistics(), worked), {
      [a1]: [win, lose],
      [a2]: [win],
      [a3]: [win],
      [b2]: [lose],
      [c1]: [lose],
    });
  });

  it('row statistics', () => {
    const [win, lose] = [0.9129, -0.9129];
    expectAdvantages(advantagesOf(rowStatistics(), worked), {
      [a1]: [win, lose],
      [a2]: [win],
      [a3]: [win],
      [b2]: [lose],
      [c1]: [lose],
    });
  });

  it('unique nodes', () => {
    const expected = { [a1]: [0], [a2]: [1], [a3]: [1], [b2]: [-1], [c1]: [-1] };
    expectAdvantages(advantagesOf(uniqueNode(), worked), expected);
    const reward = (leaf: Leaf): number => (leaf.outcome === 'success' ? 10 : 0);
    expectAdvantages(advantagesOf(uniqueNode({ reward }), worked), expected);
  });

  it('says which leaf a copy comes from', () => {
    expect(copiesOf(leafStatistics(), worked)[a1]!.map(({ leaf }) => leaf)).toEqual([a3, b2]);
    expect(copiesOf(uniqueNode(), worked)[a1]![0]).not.toHaveProperty('leaf');
  });

  it('without the deviation, and with the population deviation', () => {
    expectAdvantages(advantagesOf(leafStatistics({ std: false }), worked), {
      [a1]: [2 / 3, -1 / 3],
      [a2]: [2 / 3],
      [a3]: [2 / 3],
      [b2]: [-1 / 3],
      [c1]: [-1 / 3],
    });
    // Population deviation of (1, 0, 0): sqrt(2) / 3.
    expect(advantagesOf(leafStatistics({ ddof: 0 }), worked)[c1]![0]).toBeCloseTo(
      -1 / Math.SQRT2,
      5,
    );
    expect(advantagesOf(leafStatistics({ epsilon: 1 }), worked)[c1]![0]).toBeCloseTo(
      -1 / 3 / (Math.sqrt(1 / 3) + 1),
      9,
    );
  });
});

describe('weights of a shared turn', () => {
  /** A root that forks into two, of which the second forks into three; and a chain. */
  const forked = tree([
    {
      next: [
        { next: 'success' },
        { next: [{ next: 'failure' }, { next: 'failure' }, { next: 'success' }] },
      ],
    },
    { next: 'failure' },
  ]);
  const weights = (estimator: AdvantageEstimator, node: string): number[] =>
    copiesOf(estimator, forked)[node]!.map(({ weight }) => weight);

  it('mean splits 1 over the copies', () => {
    const estimator = leafStatistics({ weights: 'mean' });
    expect(weights(estimator, '0')).toEqual([1 / 4, 1 / 4, 1 / 4, 1 / 4]);
    expect(weights(estimator, '0.1')).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(weights(estimator, '1')).toEqual([1]);
    expect(weights(leafStatistics(), '0.1')).toEqual(weights(estimator, '0.1'));
  });

  it('sum gives every copy 1', () => {
    expect(weights(leafStatistics({ weights: 'sum' }), '0')).toEqual([1, 1, 1, 1]);
    expect(weights(rowStatistics(), '0')).toEqual([1, 1, 1, 1]);
  });

  it('reach multiplies 1 / b over the forks on the path of the leaf', () => {
    const estimator = leafStatistics({ weights: 'reach' });
    expect(weights(estimator, '0')).toEqual([1 / 2, 1 / 6, 1 / 6, 1 / 6]);
    expect(weights(estimator, '0.1')).toEqual([1 / 6, 1 / 6, 1 / 6]);
    expect(weights(estimator, '0.1.2')).toEqual([1 / 6]);
    expect(weights(estimator, '1')).toEqual([1]);
  });

  it('reach weighs the statistics as well, unless told otherwise', () => {
    // Shares of the leaves: 1/4, 1/12, 1/12, 1/12, 1/2; rewards 1, 0, 0, 1, 0.
    const mean = 1 / 4 + 1 / 12;
    const squares = (1 / 3) * (1 - mean) ** 2 + (2 / 3) * mean ** 2;
    const freedom = 1 - (1 / 16 + 3 / 144 + 1 / 4);
    const std = Math.sqrt(squares / freedom);
    const advantages = advantagesOf(leafStatistics({ weights: 'reach', epsilon: 0 }), forked);
    expect(advantages['1']![0]).toBeCloseTo(-mean / std, 12);
    expect(advantages['0.0']![0]).toBeCloseTo((1 - mean) / std, 12);
    const plain = leafStatistics({ weights: 'reach', weightedStatistics: false, epsilon: 0 });
    // Over five leaves that count the same: mean 2/5, sample variance 0.3.
    expect(advantagesOf(plain, forked)['1']![0]).toBeCloseTo(-0.4 / Math.sqrt(0.3), 12);
    expect(() => leafStatistics({ weights: 'mean', weightedStatistics: true })).toThrow(
      /weightedStatistics/,
    );
  });

  it('node weights are 1, k and the product of 1 / b over the forks above', () => {
    fc.assert(
      fc.property(randomTree, (random) => {
        const below = leavesBelow(random);
        const total = (estimator: AdvantageEstimator): Map<string, number> =>
          new Map(
            estimator
              .estimate([random])
              .map(({ node, copies }) => [
                node,
                copies.reduce((sum, { weight }) => sum + weight, 0),
              ]),
          );
        for (const weight of total(leafStatistics({ weights: 'mean' })).values())
          expect(weight).toBeCloseTo(1, 12);
        for (const [node, weight] of total(leafStatistics({ weights: 'sum' }))) {
          expect(weight).toBe(below.get(random.turns.get(node as never)!.id)!.length);
        }
        for (const [node, weight] of total(leafStatistics({ weights: 'reach' }))) {
          let expected = 1;
          for (let turn = random.turns.get(node as never)!; turn.parent !== null;) {
            const parent = random.turns.get(turn.parent)!;
            const ways = [...random.turns.values()].filter(
              (other) => other.parent === parent.id && below.get(other.id)!.length > 0,
            );
            expected /= ways.length;
            turn = parent;
          }
          expect(weight).toBeCloseTo(expected, 12);
        }
      }),
    );
  });
});

describe('penalties', () => {
  const fined = tree([
    { next: [{ valid: false, admissible: false, next: 'success' }] },
    { admissible: false, next: 'success' },
  ]);

  it('come after normalising in leaf statistics: an all-equal group does not explode', () => {
    expect(advantagesOf(leafStatistics(), fined)).toEqual({ 0: [0], '0.0': [-0.03], 1: [0] });
    expect(
      advantagesOf(leafStatistics({ invalidPenalty: 0.5, unavailablePenalty: 0.3 }), fined),
    ).toEqual({
      0: [0],
      '0.0': [-0.5],
      1: [-0.3],
    });
    expect(advantagesOf(uniqueNode({ unavailablePenalty: 0.3 }), fined)).toEqual({
      0: [0],
      '0.0': [-0.03],
      1: [-0.3],
    });
  });

  it('come before normalising in row statistics', () => {
    // Rows 10, 9.9, 10: mean 9.9667, deviation 0.057735.
    expectAdvantages(advantagesOf(rowStatistics(), fined), {
      0: [0.57734],
      '0.0': [-1.15468],
      1: [0.57734],
    });
  });
});

describe('padding', () => {
  it('draws leaves again until there are so many, and counts their rows and copies', () => {
    const padded = rowStatistics({ padTo: 5, epsilon: 0, key: ['pad', 3] });
    const copies = copiesOf(padded, worked);
    const rows = Object.values(copies).flat();
    const times = (leaf: string): number =>
      copies[leaf]!.filter((copy) => copy.leaf === leaf).length;
    const [win, lose, chain] = ['0.0.0', '0.1', '1'].map(times);
    expect(win! + lose! + chain!).toBe(5);
    expect(rows.length).toBe(3 * win! + 2 * lose! + chain!);
    // Rows of 10 and of 0, in these proportions.
    const mean = (10 * 3 * win!) / rows.length;
    const squares = 3 * win! * (10 - mean) ** 2 + (rows.length - 3 * win!) * mean ** 2;
    const std = Math.sqrt(squares / (rows.length - 1));
    expect(copies['1']![0]!.advantage).toBeCloseTo(-mean / std, 12);
    expect(copies['0.0']![0]!.advantage).toBeCloseTo((10 - mean) / std, 12);
    expect(copiesOf(padded, worked)).toEqual(copies);
    expect(copiesOf(rowStatistics({ padTo: 3 }), worked)).toEqual(
      copiesOf(rowStatistics(), worked),
    );
    expect(() => rowStatistics({ padTo: 8, weights: 'reach' })).toThrow(/padTo/);
  });
});

describe('groups', () => {
  it('of fewer than two completed leaves give nothing', () => {
    const lone = tree([{ next: 'success' }, { next: 'failed' }]);
    for (const estimator of [leafStatistics(), rowStatistics(), uniqueNode()]) {
      expect(estimator.estimate([lone])).toEqual([]);
      expect(estimator.estimate([])).toEqual([]);
    }
  });

  it('span several trees of one task', () => {
    const win = tree([{ next: 'success' }], 'first');
    const lose = tree([{ next: 'truncated' }], 'second');
    const credits = leafStatistics({ epsilon: 0 }).estimate([win, lose]);
    expect(credits.map(({ tree: id }) => id)).toEqual(['first', 'second']);
    expect(credits.map(({ copies }) => copies[0]!.advantage)).toEqual([
      expect.closeTo(Math.SQRT1_2, 12),
      expect.closeTo(-Math.SQRT1_2, 12),
    ]);
  });

  it('leave failed leaves out: they neither count nor dilute', () => {
    const lost = tree([
      { next: [{ next: [{ next: 'success' }] }, { next: 'failure' }, { next: 'failed' }] },
      { next: 'failure' },
      { next: 'failed' },
    ]);
    for (const estimator of [
      leafStatistics(),
      leafStatistics({ weights: 'reach', weightedStatistics: true }),
      rowStatistics(),
      uniqueNode(),
    ]) {
      expect(copiesOf(estimator, lost)).toEqual(copiesOf(estimator, worked));
    }
  });

  it('refuse what they cannot use, and say where it is', () => {
    const other = tree([{ next: 'success' }], 'other', {
      ofTask: { ...worked.task, id: taskId('another') },
    });
    expect(() => leafStatistics().estimate([worked, other])).toThrow(
      'tree other is of task another, tree tree is of task task. Estimate the trees of one task at a time.',
    );
    expect(() => rowStatistics().estimate([worked, worked])).toThrow('tree tree is given twice');
    const broken = uniqueNode({ reward: (leaf) => (leaf.id === '0.1' ? Number.NaN : 1) });
    expect(() => broken.estimate([worked])).toThrow('the reward of leaf 0.1 of tree tree is NaN');
    expect(() => broken.estimate([worked])).toThrow(InvalidInputError);
    const cut = { ...worked, turns: new Map([...worked.turns].slice(0, 2)) };
    expect(() => leafStatistics().estimate([cut])).toThrow(
      'leaf 0.0.0 of tree tree ends at turn 0.0.0',
    );
    expect(() => leafStatistics({ epsilon: -1 })).toThrow(/epsilon/);
  });
});

describe('invariances', () => {
  const byScore = (leaf: Leaf): number => leaf.score;
  const estimators = (reward: (leaf: Leaf) => number): AdvantageEstimator[] => [
    leafStatistics({ reward, epsilon: 0, invalidPenalty: 0 }),
    leafStatistics({
      reward,
      epsilon: 0,
      invalidPenalty: 0,
      weights: 'reach',
      weightedStatistics: true,
    }),
    rowStatistics({ reward, epsilon: 0, invalidPenalty: 0 }),
    uniqueNode({ reward, epsilon: 0, invalidPenalty: 0 }),
  ];
  const flat = (estimator: AdvantageEstimator, random: Tree): number[] =>
    estimator
      .estimate([random])
      .flatMap(({ copies }) => copies.flatMap(({ advantage, weight }) => [advantage, weight]));

  it('shifting and scaling the rewards changes nothing', () => {
    fc.assert(
      fc.property(
        randomTree,
        fc.integer({ min: -100, max: 100 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (random, shift, scale) => {
          const moved = estimators((leaf) => shift + scale * leaf.score);
          for (const [i, estimator] of estimators(byScore).entries()) {
            const expected = flat(estimator, random);
            const actual = flat(moved[i]!, random);
            expect(actual.length).toBe(expected.length);
            for (const [j, value] of expected.entries()) expect(actual[j]).toBeCloseTo(value, 6);
          }
        },
      ),
    );
  });

  it('the order of the leaves changes nothing but the order of the copies', () => {
    fc.assert(
      fc.property(randomTree, (random) => {
        const reversed: Tree = { ...random, leaves: [...random.leaves].reverse() };
        for (const estimator of estimators(byScore)) {
          const expected = copiesOf(estimator, random);
          const actual = copiesOf(estimator, reversed);
          expect(Object.keys(actual)).toEqual(Object.keys(expected));
          for (const [node, copies] of Object.entries(expected)) {
            const byLeaf = new Map(actual[node]!.map((copy) => [copy.leaf, copy]));
            for (const { leaf, advantage, weight } of copies) {
              expect(byLeaf.get(leaf)!.advantage).toBeCloseTo(advantage, 9);
              expect(byLeaf.get(leaf)!.weight).toBeCloseTo(weight, 12);
            }
          }
        }
      }),
    );
  });

  it('leaf advantages have mean 0 and deviation 1, and are exactly 0 when all rewards are equal', () => {
    fc.assert(
      fc.property(randomTree, fc.double({ min: -10, max: 10, noNaN: true }), (random, constant) => {
        const leaves = completedLeaves(random);
        const same = estimators(() => constant).flatMap((estimator) =>
          estimator.estimate([random]),
        );
        for (const { copies } of same) {
          for (const { advantage } of copies) expect(advantage === 0).toBe(true);
        }
        const credits = leafStatistics({ reward: byScore, epsilon: 0, invalidPenalty: 0 }).estimate(
          [random],
        );
        if (new Set(leaves.map(byScore)).size < 2) return;
        const ofLeaf = new Map(
          credits.flatMap(({ copies }) => copies.map(({ leaf, advantage }) => [leaf, advantage])),
        );
        const advantages = leaves.map(({ id }) => ofLeaf.get(id)!);
        expect(advantages.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
        expect(advantages.reduce((a, b) => a + b * b, 0)).toBeCloseTo(advantages.length - 1, 9);
      }),
    );
  });
});
