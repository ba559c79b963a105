import { drGrpo, leafStatistics, maxRl, siblingLocal, uniqueNode } from '../src/index.js';
import { advantagesOf, copiesOf, expectAdvantages } from './credits.js';
import { bushy, tree } from './trees.js';

const exact = { invalidPenalty: 0, epsilon: 0 };

describe('Dr. GRPO', () => {
  it('takes the mean off and divides by nothing', () => {
    const [win, lose] = [2 / 3, -1 / 3];
    expectAdvantages(advantagesOf(drGrpo(), [bushy]), {
      '0': [win, lose],
      '0.0': [win],
      '0.1': [lose],
      '1': [lose, win, lose],
      '1.0': [lose],
      '1.1': [win, lose],
      '1.1.0': [win],
      '1.1.1': [lose],
      '2': [lose],
    });
  });

  it('is GRPO without the deviation', () => {
    expect(drGrpo().estimate([bushy])).toEqual(leafStatistics({ std: false }).estimate([bushy]));
    expect(drGrpo({ weights: 'reach' }).estimate([bushy])).toEqual(
      leafStatistics({ std: false, weights: 'reach' }).estimate([bushy]),
    );
  });
});

describe('MaxRL', () => {
  it('divides by the mean', () => {
    const [win, lose] = [2, -1];
    const advantages = advantagesOf(maxRl({ epsilon: 0 }), [bushy]);
    expectAdvantages(
      { a: advantages['1']!, b: advantages['2']! },
      { a: [lose, win, lose], b: [lose] },
    );
    // Weighted by reach, the mean is (1/2 + 1/4) / 3 = 1/4.
    const weighted = advantagesOf(maxRl({ epsilon: 0, weights: 'reach' }), [bushy]);
    expectAdvantages({ a: weighted['1']! }, { a: [-1, 3, -1] });
  });

  it('of a group that always fails is 0', () => {
    const failed = tree([{ next: 'failure' }, { next: 'failure' }]);
    expect(advantagesOf(maxRl(), [failed])).toEqual({ 0: [0], 1: [0] });
  });

  it('refuses negative rewards', () => {
    const reward = (): number => -1;
    expect(() => maxRl({ reward }).estimate([bushy])).toThrow(
      'the reward of leaf 0.0 of tree tree is -1, and maxRl divides by the mean reward',
    );
  });
});

describe('siblings', () => {
  it('are compared with each other alone', () => {
    const half = Math.SQRT1_2;
    // Roots are worth 1/2, 1/3 and 0: mean 5/18, squares of the differences 42/324, variance 7/108.
    const std = Math.sqrt(7 / 108);
    expectAdvantages(advantagesOf(siblingLocal(exact), [bushy]), {
      '0': [4 / 18 / std],
      '0.0': [half],
      '0.1': [-half],
      '1': [1 / 18 / std],
      '1.0': [-half],
      '1.1': [half],
      '1.1.0': [half],
      '1.1.1': [-half],
      '2': [-5 / 18 / std],
    });
  });

  it('may be valued by the mean of their children, without the deviation', () => {
    const advantages = advantagesOf(siblingLocal({ std: false, values: 'children' }), [bushy]);
    expectAdvantages(advantages, {
      '0': [1 / 4],
      '0.0': [1 / 2],
      '0.1': [-1 / 2],
      '1': [0],
      '1.0': [-1 / 4],
      '1.1': [1 / 4],
      '1.1.0': [1 / 2],
      '1.1.1': [-1 / 2],
      '2': [-1 / 4],
    });
  });

  it('share their advantage with the turns up to the next fork, or keep it', () => {
    const long = tree([
      { next: [{ next: [{ next: 'success' }] }, { next: [{ next: 'failure' }] }] },
    ]);
    const branch = siblingLocal({ std: false });
    expectAdvantages(advantagesOf(branch, [long]), {
      '0': [0],
      '0.0': [0.5],
      '0.0.0': [0.5],
      '0.1': [-0.5],
      '0.1.0': [-0.5],
    });
    const first = siblingLocal({ std: false, credit: 'first-turn' });
    expectAdvantages(advantagesOf(first, [long]), {
      '0': [0],
      '0.0': [0.5],
      '0.0.0': [0],
      '0.1': [-0.5],
      '0.1.0': [0],
    });
  });

  it('compare the roots of all trees of a task', () => {
    const trees = [tree([{ next: 'success' }], 'first'), tree([{ next: 'failure' }], 'second')];
    const credits = siblingLocal({ std: false }).estimate(trees);
    expect(credits.map(({ tree: id, copies }) => [id, copies[0]!.advantage])).toEqual([
      ['first', 0.5],
      ['second', -0.5],
    ]);
  });
});

describe('turns that are credited once', () => {
  it('weigh what their copies would weigh together', () => {
    const weights = (choice: 'mean' | 'sum' | 'reach'): Record<string, number> =>
      Object.fromEntries(
        Object.entries(copiesOf(uniqueNode({ weights: choice }), [bushy])).map(([node, [copy]]) => [
          node,
          copy!.weight,
        ]),
      );
    const nodes = ['0', '0.0', '0.1', '1', '1.0', '1.1', '1.1.0', '1.1.1', '2'];
    const expected = (values: number[]): Record<string, number> =>
      Object.fromEntries(nodes.map((node, i) => [node, values[i]!]));
    expect(weights('mean')).toEqual(expected([1, 1, 1, 1, 1, 1, 1, 1, 1]));
    expect(weights('sum')).toEqual(expected([2, 1, 1, 3, 1, 2, 1, 1, 1]));
    expect(weights('reach')).toEqual(expected([1, 0.5, 0.5, 1, 0.5, 0.5, 0.25, 0.25, 1]));
  });
});

describe('copies of leaves', () => {
  const copied = tree([{ next: 'success', copies: 1 }, { next: 'failure' }]);

  it('count like leaves', () => {
    const [win, lose] = [1 / 3, -2 / 3];
    expectAdvantages(advantagesOf(drGrpo(), [copied]), { '0': [win, win], '1': [lose] });
  });

  it('share the reach of what they copy', () => {
    const copies = copiesOf(drGrpo({ weights: 'reach' }), [copied]);
    expect(copies['0']!.map(({ leaf, weight }) => [leaf, weight])).toEqual([
      ['0', 0.5],
      ['0.1', 0.5],
    ]);
    expect(copies['0']!.map(({ advantage }) => advantage)).toEqual([0.5, 0.5]);
  });
});
