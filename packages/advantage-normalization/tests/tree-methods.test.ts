import { leafStatistics, spoEdge, treeGrpo, treePo, treeRl } from '../src/index.js';
import { advantagesOf, expectAdvantages } from './credits.js';
import { bushy, tree } from './trees.js';

const exact = { invalidPenalty: 0, epsilon: 0 };
const sketches = [
  [{ next: 'success' }, { next: 'failure' }],
  [{ next: 'failure' }, { next: 'success' }, { next: 'failure' }],
  [{ next: 'failure' }],
] as const;
/** Three trees of one task with leaves 1, 0; 0, 1, 0; and 0. */
const forest = sketches.map((roots, i) => tree(roots, `tree ${i}`));
const flat = (estimator: ReturnType<typeof treeGrpo>): number[] =>
  estimator.estimate(forest).map(({ copies }) => copies[0]!.advantage);
const close = (values: readonly number[]): unknown[] =>
  values.map((value): unknown => expect.closeTo(value, 12));

describe('Tree-GRPO', () => {
  const [win, lose] = [2 / 3, -1 / 3];

  it('compares within the tree, over the trees, or both', () => {
    const plain = { std: false, invalidPenalty: 0 };
    const intra = [1 / 2, -1 / 2, lose, win, lose, 0];
    const inter = [win, lose, lose, win, lose, lose];
    expect(flat(treeGrpo({ ...plain, mode: 'intra' }))).toEqual(close(intra));
    expect(flat(treeGrpo({ ...plain, mode: 'inter' }))).toEqual(close(inter));
    expect(flat(treeGrpo(plain))).toEqual(close(intra.map((value, i) => value + inter[i]!)));
    expect(treeGrpo({ mode: 'inter' }).estimate(forest)).toEqual(leafStatistics().estimate(forest));
  });

  it('divides by the deviation of either', () => {
    const half = Math.SQRT1_2;
    // Within 0, 1, 0 the deviation is sqrt(1/3); over all six it is sqrt(4/15).
    const [within, over] = [Math.sqrt(1 / 3), Math.sqrt(4 / 15)];
    const intra = [half, -half, lose / within, win / within, lose / within, 0];
    const inter = [win, lose, lose, win, lose, lose].map((value) => value / over);
    expect(flat(treeGrpo(exact))).toEqual(close(intra.map((value, i) => value + inter[i]!)));
    // What is normalised already is normalised again: within a tree only the shape is left.
    expect(flat(treeGrpo({ ...exact, mode: 'two-stage' }))).toEqual(close(intra));
  });

  it('as published, a leaf alone in its tree keeps its value', () => {
    const over = Math.sqrt(4 / 15);
    expect(flat(treeGrpo({ ...exact, mode: 'intra', lone: 'raw' })).at(-1)).toBe(0);
    expect(flat(treeGrpo({ ...exact, mode: 'two-stage', lone: 'raw' })).at(-1)).toBeCloseTo(
      lose / over,
      12,
    );
  });

  it('may take every root for a tree', () => {
    const plain = { std: false, invalidPenalty: 0, mode: 'intra' } as const;
    const advantages = advantagesOf(treeGrpo({ ...plain, tree: 'root' }), [bushy]);
    expectAdvantages(
      { a: advantages['0']!, b: advantages['1']!, c: advantages['2']! },
      { a: [1 / 2, -1 / 2], b: [lose, win, lose], c: [0] },
    );
    // One tree of six leaves otherwise.
    expectAdvantages({ a: advantagesOf(treeGrpo(plain), [bushy])['0']! }, { a: [win, lose] });
  });
});

describe('TreeRL', () => {
  const expected = {
    '0': [0.4 / Math.SQRT2],
    '0.0': [1.4],
    '0.1': [-1],
    '1': [0],
    '1.0': [-0.8],
    '1.1': [0.4 / Math.SQRT2],
    '1.1.0': [1.4],
    '1.1.1': [-1],
    '2': [-0.8],
  };

  it('adds the gain over the task and over the parent', () => {
    // Leave-one-out: L = 6/5 (R - 1/3), so V is 0.2 at 0 and 1.1, 0 at 1, 0.8 or -0.4 at the ends.
    expectAdvantages(advantagesOf(treeRl(), [bushy]), expected);
    const weights = treeRl()
      .estimate([bushy])
      .map(({ copies }) => copies[0]!.weight);
    expect(weights).toEqual([2, 1, 1, 3, 1, 2, 1, 1, 1]);
  });

  it('divides by as many leaves, or by nothing', () => {
    expectAdvantages(
      { a: advantagesOf(treeRl({ divide: 'leaves' }), [bushy])['0']! },
      { a: [0.2] },
    );
    expectAdvantages({ a: advantagesOf(treeRl({ divide: 'none' }), [bushy])['0']! }, { a: [0.4] });
  });

  it('credits a branch as a whole', () => {
    const long = tree([
      { next: [{ next: [{ next: 'success' }] }, { next: 'failure' }] },
      { next: [{ next: 'failure' }] },
    ]);
    const advantages = advantagesOf(treeRl(), [long]);
    expect(advantages['0.0.0']).toEqual(advantages['0.0']);
    expect(advantages['1.0']).toEqual(advantages['1']);
  });
});

describe('TreePO', () => {
  const unwhitened = { whiten: false, invalidPenalty: 0 };

  it('averages over the subtrees of a leaf', () => {
    const advantages = advantagesOf(treePo(unwhitened), [bushy]);
    expectAdvantages(
      { a: advantages['0']!, b: advantages['1']!, c: advantages['2']! },
      { a: [7 / 12, -5 / 12], b: [-1 / 3, 11 / 18, -7 / 18], c: [-1 / 3] },
    );
  });

  it('with larger subtrees counting more', () => {
    const advantages = advantagesOf(treePo({ ...unwhitened, average: 'size' }), [bushy]);
    expectAdvantages(
      { a: advantages['0.0']!, b: advantages['1.1.0']! },
      { a: [5 / 8], b: [7 / 11] },
    );
  });

  it('may leave out subtrees that all end alike', () => {
    const alike = tree([{ next: [{ next: 'success' }, { next: 'success' }] }, { next: 'failure' }]);
    expectAdvantages({ a: advantagesOf(treePo(unwhitened), [alike])['0.0']! }, { a: [1 / 6] });
    const skipping = treePo({ ...unwhitened, skipEqual: true });
    expectAdvantages({ a: advantagesOf(skipping, [alike])['0.0']! }, { a: [1 / 3] });
  });

  it('is whitened over the batch', () => {
    const estimator = treePo({ per: 'turn', whitenEpsilon: 0 });
    const trees = [tree([{ next: 'success' }, { next: 'failure' }])];
    const batch = estimator.acrossTasks!([{ tree: trees[0]!, credits: estimator.estimate(trees) }]);
    expect(batch[0]!.credits.map(({ copies }) => copies[0]!.advantage)).toEqual(
      close([Math.SQRT1_2, -Math.SQRT1_2]),
    );
    expect(estimator.id).toBe('tree-po');
    expect(treePo(unwhitened).acrossTasks).toBeUndefined();
  });
});

describe('edges of SPO', () => {
  it('are what a branch gains, without those that gain nothing', () => {
    expectAdvantages(advantagesOf(spoEdge(), [bushy]), {
      '0': [1 / 4],
      '0.0': [1 / 2],
      '0.1': [-1 / 2],
      '1.0': [-1 / 4],
      '1.1': [1 / 4],
      '1.1.0': [1 / 2],
      '1.1.1': [-1 / 2],
      '2': [-1 / 4],
    });
    expect(advantagesOf(spoEdge({ dropZero: false }), [bushy])['1']).toEqual([0]);
  });

  it('may be divided by the deviation among siblings', () => {
    // Roots 1/2, 1/4, 0 around 1/4: population variance 1/24.
    const std = Math.sqrt(1 / 24);
    expectAdvantages(advantagesOf(spoEdge({ form: 'grpo', epsilon: 0 }), [bushy]), {
      '0': [1 / 4 / std],
      '0.0': [1],
      '0.1': [-1],
      '1.0': [-1],
      '1.1': [1],
      '1.1.0': [1],
      '1.1.1': [-1],
      '2': [-1 / 4 / std],
    });
  });
});
