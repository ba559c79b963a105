import fc from 'fast-check';

import { likeliest, truncates, type Truncation } from '../src/sampling/likeliest.js';

/** The definition, step by step, with whole-number weights: every sum is exact. */
function byDefinition(
  weights: readonly number[],
  ids: readonly number[],
  cut: Truncation,
): number[] {
  const { topK = Infinity, topP = 1, minP = 0 } = cut;
  let kept = ids
    .filter((id) => weights[id]! > 0)
    .sort((a, b) => weights[b]! - weights[a]! || a - b)
    .slice(0, topK);
  const total = kept.reduce((sum, id) => sum + weights[id]!, 0);
  kept = kept.filter((_, place) => {
    const before = kept.slice(0, place).reduce((sum, id) => sum + weights[id]!, 0);
    return topP === 1 || before < topP * total;
  });
  const most = Math.max(...kept.map((id) => weights[id]!));
  return kept.filter((id) => weights[id]! >= minP * most).sort((a, b) => a - b);
}

const eighths = (from: number): fc.Arbitrary<number> =>
  fc.integer({ min: from, max: 8 }).map((n) => n / 8);
const truncations = fc.record(
  { topK: fc.integer({ min: 1, max: 30 }), topP: eighths(1), minP: eighths(0) },
  { requiredKeys: [] },
);

describe('likeliest', () => {
  it('keeps what the definition keeps, and never nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        truncations,
        (drawn, allowed, cut) => {
          const weights = drawn.map((weight, id) => (id === 0 ? weight + 1 : weight));
          const ids = weights.flatMap((_, id) => (id === 0 || allowed[id] ? [id] : []));
          const kept = likeliest(Float64Array.from(weights), Int32Array.from(ids), cut);
          expect([...kept]).toEqual(byDefinition(weights, ids, cut));
          expect(kept.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does so where probabilities differ by orders of magnitude', () => {
    // Powers of two: every sum is exact here too.
    const weight = fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 40 }).map((exponent) => 2 ** -exponent),
    );
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 40 }), truncations, (drawn, cut) => {
        const weights = [2 ** -12, ...drawn];
        const ids = weights.map((_, id) => id);
        const kept = likeliest(Float64Array.from(weights), Int32Array.from(ids), cut);
        expect([...kept]).toEqual(byDefinition(weights, ids, cut));
      }),
      { numRuns: 500 },
    );
  });

  it('looks further down when the likeliest tokens are not enough', () => {
    const flat = Float64Array.from({ length: 5001 }, (_, id) => (id === 0 ? 1 : 2 ** -11));
    const ids = Int32Array.from(flat.keys());
    // All together 1 + 5000/2048 = 7048/2048; the half of it is 1 and 1476 of the others.
    expect(likeliest(flat, ids, { topP: 0.5 })).toHaveLength(1477);
    const steep = Float64Array.of(1, 2 ** -25, 2 ** -60);
    expect([...likeliest(steep, Int32Array.of(0, 1, 2), { topP: 1 - 2 ** -30 })]).toEqual([0, 1]);
  });

  it.each<[string, Truncation, readonly number[]]>([
    ['the two likeliest', { topK: 2 }, [0, 3]],
    ['one of two equals, the first', { topK: 3 }, [0, 1, 3]],
    ['what has a half together', { topP: 0.5 }, [0]],
    ['what has a little more', { topP: 0.51 }, [0, 3]],
    ['all', { topP: 1 }, [0, 1, 2, 3]],
    ['top-p of what top-k left: 8 of 12 are not 0.7', { topK: 2, topP: 0.7 }, [0, 3]],
    ['but are 0.6', { topK: 2, topP: 0.6 }, [0]],
    ['what is half as likely as the likeliest', { minP: 0.5 }, [0, 3]],
    ['what is just as likely', { minP: 1 }, [0]],
  ])('keeps %s', (_, cut, expected) => {
    const weights = Float64Array.of(8, 2, 2, 4);
    expect([...likeliest(weights, Int32Array.of(0, 1, 2, 3), cut)]).toEqual(expected);
  });

  it('always keeps the likeliest', () => {
    fc.assert(
      fc.property(
        fc.float64Array({ min: 0, max: 1, noNaN: true, minLength: 1, maxLength: 300 }),
        truncations,
        (weights, cut) => {
          fc.pre(weights.some((weight) => weight > 0));
          const best = weights.indexOf(Math.max(...weights));
          expect([...likeliest(weights, Int32Array.from(weights.keys()), cut)]).toContain(best);
        },
      ),
    );
  });
});

it('truncates only when something may be cut off', () => {
  expect([{}, { topP: 1 }, { minP: 0 }].map(truncates)).toEqual([false, false, false]);
  expect([{ topK: 5 }, { topP: 0.9 }, { minP: 0.1 }].map(truncates)).toEqual([true, true, true]);
});
