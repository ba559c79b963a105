import type { AdvantageEstimator } from '@spark-rl/core';

import {
  giGpo,
  normalise,
  referenceCodeReward,
  rlvmr,
  rowStatistics,
  treeGrpo,
  treePo,
} from '../src/index.js';
import { bushy, tree } from './trees.js';

/**
 * What the published codes of the methods give, run with PyTorch in single precision: SPARK and GiGPO of github.com/jinyangwu/SPARK at
 * 96e80aa, RLVMR of github.com/rhyang2021/CogRouter at b9978ad, Tree-GRPO of github.com/AMAP-ML/Tree-GRPO and TreePO of
 * github.com/multimodal-art-projection/TreePO.
 */
describe('the numbers of the published codes', () => {
  /** The first root is shared by two leaves; the hall is seen by three turns, one of them invalid. */
  const agent = tree([
    {
      observation: 'hall',
      mode: 'planning',
      action: 'go',
      next: [
        { observation: 'kitchen', mode: 'explore', action: 'take', next: 'success' },
        {
          observation: 'kitchen',
          mode: 'explore',
          action: 'go',
          next: [
            {
              observation: 'hall',
              valid: false,
              next: [{ observation: 'hall', mode: 'reflection', action: 'open', next: 'failure' }],
            },
          ],
        },
      ],
    },
    {
      observation: 'hall',
      mode: 'planning',
      action: 'go',
      next: [{ observation: 'cellar', mode: 'explore', action: 'look', next: 'failure' }],
    },
  ]);
  const published = {
    reward: referenceCodeReward,
    weights: 'sum',
    episode: 'rows',
    penalise: 'before',
    invalidPenalty: 0.1,
  } as const;
  /** Row after row: the turns of the first leaf, those of the second, and so on. */
  const rowsOf = (estimator: AdvantageEstimator): number[] => {
    const found = new Map(
      estimator
        .estimate([agent])
        .flatMap(({ node, copies }) =>
          copies.map(({ leaf, advantage }) => [`${leaf} ${node}`, advantage]),
        ),
    );
    return [
      ['0.0 0', '0.0 0.0'],
      ['0.1.0.0 0', '0.1.0.0 0.1', '0.1.0.0 0.1.0', '0.1.0.0 0.1.0.0'],
      ['1.0 1', '1.0 1.0'],
    ].flatMap((rows) => rows.map((row) => found.get(row)!));
  };
  const ofLeaves = (estimator: AdvantageEstimator): number[] => {
    const found = new Map(
      estimator
        .estimate([bushy])
        .flatMap(({ copies }) => copies.map(({ leaf, advantage }) => [leaf, advantage])),
    );
    return bushy.leaves.map(({ id }) => found.get(id)!);
  };
  const near = (values: readonly number[], digits = 6): unknown[] =>
    values.map((value): unknown => expect.closeTo(value, digits));

  it('of SPARK', () => {
    expect(rowsOf(rowStatistics())).toEqual(
      near([1.62014, 1.62014, -0.536452, -0.536452, -0.558018, -0.536452, -0.536452, -0.536452], 5),
    );
  });

  it('of GiGPO, in both modes', () => {
    expect(rowsOf(giGpo({ ...published, std: false }))).toEqual(
      near([15.1325, 12.5125, -4.3675, -7.4875, -4.5675, -4.3675, -4.3675, -2.4875], 5),
    );
    expect(rowsOf(giGpo(published))).toEqual(
      near(
        [3.408902, 2.327247, -0.977774, -1.243559, -1.022815, -0.977774, -0.977774, -0.536452],
        5,
      ),
    );
  });

  it('of RLVMR, in both modes', () => {
    const sum = { ...published, form: 'sum', lone: 'raw' } as const;
    expect(rowsOf(rlvmr({ ...sum, std: false }))).toEqual(
      near([8.179167, 7.845833, -2.820833, -3.154167, -2.5875, -1.4875, -2.820833, -2.154167], 5),
    );
    expect(rowsOf(rlvmr(sum))).toEqual(
      near([2.774838, 2.197489, -1.113802, -1.691151, -0.558018, 0.463547, -1.113802, 0.040897], 5),
    );
  });

  it('of Tree-GRPO, every root a tree', () => {
    const roots = { tree: 'root', lone: 'raw' } as const;
    expect(ofLeaves(treeGrpo({ ...roots, mode: 'intra' }))).toEqual(
      near([0.7071058, -0.7071058, -0.5773493, 1.1546985, -0.5773493, 0]),
    );
    expect(ofLeaves(treeGrpo({ ...roots, mode: 'two-stage' }))).toEqual(
      near([0.7071063, -0.7071063, -0.5773497, 1.1546994, -0.5773497, -0.6454954]),
    );
  });

  it('of TreePO, whitened over the leaves', () => {
    for (const [average, expected] of [
      ['simple', [1.260297, -0.7413512, -0.5745472, 1.3158983, -0.6857499, -0.5745472]],
      ['size', [1.279082, -0.6917992, -0.6096791, 1.3014783, -0.6694028, -0.6096791]],
    ] as const) {
      const relative = ofLeaves(treePo({ whiten: false, average }));
      expect(normalise(relative, { std: true, ddof: 1, epsilon: 0 })).toEqual(near(expected));
    }
  });
});
