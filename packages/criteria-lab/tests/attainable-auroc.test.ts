import { randomSource } from '@spark-rl/core';
import fc from 'fast-check';

import { attainableAuroc } from '../src/index.js';

const above = (tau: number) => (variance: number) => variance > tau;

/** Turns whose p is drawn from `atoms`, each seen `n` times. */
const counts = (seed: number, turns: number, atoms: readonly number[], n = 16) => {
  const random = randomSource(['counts', seed]);
  return Array.from({ length: turns }, () => {
    const p = random.pick(atoms);
    const draws = Array.from({ length: n }, () => random.uniform() < p);
    return { continuations: n, successes: draws.filter(Boolean).length };
  });
};

describe('attainableAuroc', () => {
  it('is 1 where labels are certain', () => {
    expect(attainableAuroc(above(0.1))(counts(1, 200, [0, 1, 0.5]))).toBeGreaterThan(0.999);
  });

  it('is 0.5 where all turns are alike and labels are luck', () => {
    // p = 0.08 of all: near τ, so about every third label is positive.
    const found = attainableAuroc(above(0.1))(counts(2, 4000, [0.08]));
    expect(found).toBeGreaterThan(0.5 - 1e-9);
    expect(found).toBeLessThan(0.62);
  });

  it('is what knowing p would score', () => {
    // p = 0.5 is always labelled; p = 0.1 whenever 2 to 14 of 16 succeed, which has chance c. A third of the turns is 0.5.
    const c = 1 - 0.9 ** 16 - 16 * 0.1 * 0.9 ** 15;
    const positives = 1 / 3 + (2 / 3) * c;
    const expected = (1 / 3 + ((2 / 3) * c) / 2) / positives;
    const found = attainableAuroc(above(0.1))(counts(3, 4000, [0.1, 0.9, 0.5]))!;
    expect(found).toBeGreaterThan(expected - 0.02);
    expect(found).toBeLessThan(expected + 0.05);
  });

  it('does not tell success from failure, and is not defined for one label', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 20 }), (drawn) => {
        const attainable = attainableAuroc(above(0.15));
        const turned = drawn.map((k) => ({ continuations: 8, successes: 8 - k }));
        const straight = drawn.map((k) => ({ continuations: 8, successes: k }));
        expect(attainable(turned)).toEqual(attainable(straight));
      }),
      { numRuns: 20 },
    );
    expect(attainableAuroc(above(0.4))(counts(4, 50, [0, 0.5]))).toBeNull();
    expect(attainableAuroc(above(0.1))(counts(5, 50, [0, 1]))).toBeNull();
    expect(attainableAuroc(above(0.1))([])).toBeNull();
  });
});
