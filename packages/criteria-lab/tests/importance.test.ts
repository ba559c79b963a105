import { childId, randomSource, rootId } from '@spark-rl/core';
import fc from 'fast-check';

import {
  basePath,
  betweenActionError,
  betweenActionVariance,
  successVariance,
  successVarianceError,
  turnImportance,
} from '../src/index.js';
import { outcomes, probeOf } from './probes.js';

describe('variance of success', () => {
  it('is n/(n-1) p (1-p)', () => {
    expect(successVariance(0, 16)).toBe(0);
    expect(successVariance(16, 16)).toBe(0);
    expect(successVariance(8, 16)).toBeCloseTo(16 / 15 / 4, 12);
    expect(successVariance(1, 4)).toBeCloseTo(0.25, 12);
  });

  it('is unbiased: over all outcomes of n draws it averages to p (1-p)', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 2, max: 8 }),
        (p, n) => {
          let mean = 0;
          for (let draw = 0; draw < 2 ** n; draw++) {
            const k = draw.toString(2).replaceAll('0', '').length;
            mean += p ** k * (1 - p) ** (n - k) * successVariance(k, n);
          }
          expect(mean).toBeCloseTo(p * (1 - p), 10);
        },
      ),
    );
  });

  it('has the standard error of a variance, and is never certain', () => {
    // p = 9/18: σ² = 1/4, μ₄ = 1/16; √((1/16 - 13/(15·16)) / 16) = √(2/(15·16·16)).
    expect(successVarianceError(8, 16)).toBeCloseTo(Math.sqrt(2 / (15 * 256)), 12);
    expect(successVarianceError(0, 16)).toBeGreaterThan(0.02);
  });
});

describe('variance between first actions', () => {
  it('is the analysis of variance done by hand', () => {
    // a: 3 of 4, b: 0 of 2; m = 1/2. MSB = 4/16 + 2/4 = 3/4, MSW = 3/4 / 4; (A - 1) / (n - 1) = 1/5.
    const groups = [
      { continuations: 4, successes: 3 },
      { continuations: 2, successes: 0 },
    ];
    expect(betweenActionVariance(groups)).toBeCloseTo((3 / 4 - 3 / 16) / 5, 12);
  });

  it('is the whole variance where two actions decide everything, and below 0 by luck alone', () => {
    const decided = [
      { continuations: 2, successes: 2 },
      { continuations: 2, successes: 0 },
    ];
    expect(betweenActionVariance(decided)).toBeCloseTo(successVariance(2, 4), 12);
    const rare = [
      { continuations: 15, successes: 0 },
      { continuations: 1, successes: 1 },
    ];
    expect(betweenActionVariance(rare)).toBeCloseTo(successVariance(1, 16), 12);
    const alike = [
      { continuations: 2, successes: 1 },
      { continuations: 2, successes: 1 },
    ];
    expect(betweenActionVariance(alike)).toBeCloseTo(-1 / 6, 12);
  });

  it('averages to Var_a[Q] where the policy takes actions often enough', () => {
    // a with 0.7, success 0.9; b with 0.3, success 0.2: Var_a[Q] = 0.21 · 0.49.
    const random = randomSource(['between']);
    const estimates = Array.from({ length: 4000 }, () => {
      const groups = [0.9, 0.2].map((chance) => ({ chance, continuations: 0, successes: 0 }));
      for (let i = 0; i < 16; i++) {
        const group = groups[random.uniform() < 0.7 ? 0 : 1]!;
        group.continuations++;
        if (random.uniform() < group.chance) group.successes++;
      }
      return betweenActionVariance(groups) ?? 0;
    });
    const mean = estimates.reduce((sum, each) => sum + each, 0) / estimates.length;
    expect(Math.abs(mean - 0.21 * 0.49)).toBeLessThan(0.006);
  });

  it('is 0 for one action, and cannot be told where none is taken twice', () => {
    expect(betweenActionVariance([{ continuations: 8, successes: 3 }])).toBe(0);
    expect(betweenActionVariance([{ continuations: 1, successes: 1 }])).toBe(0);
    expect(
      betweenActionVariance([
        { continuations: 1, successes: 1 },
        { continuations: 1, successes: 0 },
      ]),
    ).toBeNull();
    expect(betweenActionVariance([])).toBeNull();
  });

  it('has the jackknife error of deleting every continuation in turn', () => {
    const group = fc
      .tuple(fc.integer({ min: 2, max: 6 }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([continuations, share]) => ({
        continuations,
        successes: Math.round(share * continuations),
      }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 2, maxLength: 4 }), (groups) => {
        const cases = groups.flatMap(({ continuations, successes }, action) =>
          Array.from({ length: continuations }, (_, i) => ({ action, success: i < successes })),
        );
        const without = cases.map((_, left) => {
          const kept = cases.filter((__, i) => i !== left);
          return betweenActionVariance(
            groups.map((__, action) => {
              const mine = kept.filter((each) => each.action === action);
              return {
                continuations: mine.length,
                successes: mine.filter(({ success }) => success).length,
              };
            }),
          )!;
        });
        const n = cases.length;
        const mean = without.reduce((sum, each) => sum + each, 0) / n;
        const squares = without.reduce((sum, each) => sum + (each - mean) ** 2, 0);
        expect(betweenActionError(groups)).toBeCloseTo(Math.sqrt(((n - 1) / n) * squares), 10);
      }),
    );
  });
});

describe('turnImportance', () => {
  const tree = probeOf('task', [
    { continuations: [...outcomes(4, 3, 'left'), ...outcomes(2, 0, 'right'), 'lost'] },
    { continuations: outcomes(4, 4) },
    { continuations: ['lost', { action: 'a', success: true }] },
  ]);

  it('walks the base path, not its continuations', () => {
    expect(basePath(tree).map(({ id }) => id)).toEqual(['0', '0.0', '0.0.0', '0.0.0.0']);
  });

  it('measures every turn that two continuations ended after', () => {
    const turns = turnImportance(tree);
    expect(turns).toHaveLength(2);
    expect(turns[0]).toMatchObject({
      node: '0',
      turnIndex: 0,
      lost: 1,
      successRate: 0.5,
      firstActions: [
        { action: 'left', continuations: 4, successes: 3 },
        { action: 'right', continuations: 2, successes: 0 },
      ],
    });
    expect(turns[0]?.continuations).toHaveLength(6);
    expect(turns[0]?.variance).toBeCloseTo(0.3, 12);
    expect(turns[0]?.betweenActions).toBeCloseTo(0.1125, 12);
    expect(turns[1]).toMatchObject({ node: '0.0', variance: 0, betweenActions: 0, lost: 0 });
  });

  it('refuses continuations that forked', () => {
    const forked = probeOf('task', [{ continuations: outcomes(2, 1) }]);
    const below = childId(rootId(0), 1);
    const leaf = forked.leaves.find(({ tail }) => tail === below)!;
    expect(() =>
      turnImportance({
        ...forked,
        leaves: [...forked.leaves, { ...leaf, id: `${leaf.id}.1` as never }],
      }),
    ).toThrow(/no probe: continuation 0.1 forks/);
  });
});
