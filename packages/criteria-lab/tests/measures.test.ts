import { randomSource } from '@spark-rl/core';
import fc from 'fast-check';

import { bootstrapSamples, estimate } from '../src/bootstrap.js';
import {
  auroc,
  budgetedForks,
  criticalTurns,
  expectedCalibrationError,
  oracleGain,
} from '../src/index.js';
import { spearmanBrown } from '../src/noise-ceiling.js';

describe('auroc', () => {
  it('counts pairs, and ties as half', () => {
    expect(auroc([0.1, 0.4, 0.35, 0.8], [false, false, true, true])).toBe(0.75);
    expect(auroc([1, 0, 1, 0], [true, false, false, true])).toBe(0.5);
    expect(auroc([2, 1], [true, false])).toBe(1);
    expect(auroc([2, 1], [false, true])).toBe(0);
    expect(auroc([3, 3, 3], [true, false, false])).toBe(0.5);
  });

  it('is not defined for one class', () => {
    expect(auroc([1, 2], [true, true])).toBeNull();
    expect(auroc([], [])).toBeNull();
  });

  it('equals the count over all pairs', () => {
    const cases = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean()), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(cases, (drawn) => {
        const positives = drawn.filter(([, label]) => label);
        const negatives = drawn.filter(([, label]) => !label);
        let won = 0;
        for (const [high] of positives)
          for (const [low] of negatives) won += high > low ? 1 : high === low ? 0.5 : 0;
        const pairs = positives.length * negatives.length;
        const found = auroc(
          drawn.map(([score]) => score),
          drawn.map(([, label]) => label),
        );
        if (pairs === 0) expect(found).toBeNull();
        else expect(found).toBeCloseTo(won / pairs, 12);
      }),
    );
  });
});

describe('expected calibration error', () => {
  it('of a tag is the share of turns where tag and label disagree', () => {
    expect(expectedCalibrationError([1, 1, 1, 0, 0], [true, true, false, false, true])).toBeCloseTo(
      2 / 5,
      12,
    );
    expect(expectedCalibrationError([1, 0], [true, false])).toBe(0);
  });

  it('compares mean score and critical share in bins of equal width', () => {
    // Two bins: {0.1, 0.3} with one positive, {0.5, 0.9, 1} with two: |0.4 - 1| + |2.4 - 2| over 5.
    const scores = [0.1, 0.3, 0.5, 0.9, 1];
    const labels = [false, true, false, true, true];
    expect(expectedCalibrationError(scores, labels, 2)).toBeCloseTo(1 / 5, 12);
    // A calibrated constant.
    expect(expectedCalibrationError([0.25, 0.25, 0.25, 0.25], [true, false, false, false])).toBe(0);
  });

  it('is not defined for scores that are no probabilities', () => {
    expect(expectedCalibrationError([0.5, 1.5], [true, false])).toBeNull();
    expect(expectedCalibrationError([], [])).toBeNull();
  });
});

describe('criticalTurns', () => {
  it('takes those above a threshold', () => {
    expect(criticalTurns([0.1, 0.2, 0], { above: 0.1 })).toEqual([false, true, false]);
  });

  it('takes the top share, ties with the last included, but never a turn without importance', () => {
    expect(criticalTurns([0.1, 0.3, 0.2, 0], { top: 0.5 })).toEqual([false, true, true, false]);
    expect(criticalTurns([0.2, 0.2, 0.1], { top: 0.3 })).toEqual([true, true, false]);
    expect(criticalTurns([0, 0, 0.1], { top: 1 })).toEqual([false, false, true]);
  });

  it('names what is wrong with a rule', () => {
    expect(() => criticalTurns([], { top: 0 })).toThrow(/rule for critical turns/);
  });
});

describe('budgetedForks', () => {
  const turns = [
    { width: 2, score: 0.2 },
    { width: 1, score: 0.9 },
    { width: 3, score: 0.5 },
    { width: 2, score: 0.8 },
  ];

  it('serves turns in time order until no leaf is free; the last fork may be narrower', () => {
    expect(budgetedForks(turns, 4, 'time')).toEqual([true, false, true, true]);
    expect(budgetedForks(turns, 3, 'time')).toEqual([true, false, true, false]);
    expect(budgetedForks(turns, 2, 'time')).toEqual([true, false, true, false]);
    expect(budgetedForks(turns, 0, 'time')).toEqual([false, false, false, false]);
  });

  it('serves the largest scores first where all could be seen', () => {
    expect(budgetedForks(turns, 1, 'score')).toEqual([false, false, false, true]);
    expect(budgetedForks(turns, 2, 'score')).toEqual([false, false, true, true]);
  });

  it('gives an oracle the largest importances', () => {
    expect(oracleGain([0.1, 0.25, 0, 0.2], 2)).toBeCloseTo(0.45, 12);
    expect(oracleGain([0.1], 0)).toBe(0);
  });
});

describe('bootstrap', () => {
  const mean = (items: readonly number[]): number =>
    items.reduce((sum, item) => sum + item, 0) / items.length;

  it('gives the interval that the normal distribution gives for a mean', () => {
    const random = randomSource(['sample']);
    const items = Array.from({ length: 400 }, () => random.normal());
    const samples = bootstrapSamples(items, { seed: ['test'], resamples: 2000 });
    const found = estimate(items, samples, mean);
    const centre = mean(items);
    const spread = Math.sqrt(mean(items.map((item) => (item - centre) ** 2)));
    expect(found.value).toBe(centre);
    expect(found.low).toBeCloseTo(centre - (1.96 * spread) / 20, 1);
    expect(found.high! - found.low!).toBeGreaterThan((2 * 1.96 * spread * 0.93) / 20);
    expect(found.high! - found.low!).toBeLessThan((2 * 1.96 * spread * 1.07) / 20);
  });

  it('has no interval where there is one item, or mostly nothing to measure', () => {
    const samples = bootstrapSamples([1], { seed: [], resamples: 10 });
    expect(estimate([1], samples, mean)).toEqual({ value: 1, low: null, high: null });
    expect(estimate([1], samples, () => null)).toEqual({ value: null, low: null, high: null });
    const pairs = bootstrapSamples([1, 2], { seed: [], resamples: 10 });
    const rarely = (items: readonly number[]): number | null =>
      items === pairs[0] || items.length !== 2 || !pairs.includes(items) ? 1 : null;
    expect(estimate([1, 2], pairs, rarely)).toEqual({ value: 1, low: null, high: null });
  });
});

it('the reliability of a whole follows from its halves', () => {
  expect(spearmanBrown(0.5)).toBeCloseTo(2 / 3, 12);
  expect(spearmanBrown(1)).toBe(1);
  expect(spearmanBrown(0)).toBe(0);
});
