import { pairedDifference, wilsonInterval } from '../src/statistics/intervals.js';

const outcomes = (successes: number, n: number): boolean[] =>
  Array.from({ length: n }, (_, i) => i < successes);

describe('wilsonInterval', () => {
  it('gives the textbook values', () => {
    // 8 of 10: Wilson's interval is [0.4902, 0.9433].
    const some = wilsonInterval(outcomes(8, 10));
    expect(some.rate).toBeCloseTo(0.8, 12);
    expect(some.low).toBeCloseTo(0.4902, 4);
    expect(some.high).toBeCloseTo(0.9433, 4);
    const none = wilsonInterval(outcomes(0, 20));
    expect(none.low).toBe(0);
    // z² / (n + z²) = 3.8415 / 23.8415
    expect(none.high).toBeCloseTo(0.16113, 5);
  });
});

describe('pairedDifference', () => {
  it('matches a case computed by hand', () => {
    // d = 1, 1, 0, -1: mean 1/4, variance (0.5625·2 + 0.0625 + 1.5625) / 3 = 0.916667, half = 1.96 √(0.916667 / 4).
    const { mean, low, high } = pairedDifference(
      [false, false, true, true],
      [true, true, true, false],
    );
    expect(mean).toBe(0.25);
    expect(high - mean).toBeCloseTo(1.959964 * Math.sqrt(0.9166667 / 4), 5);
    expect(mean - low).toBeCloseTo(high - mean, 12);
  });

  it('is narrower than two separate intervals when the same tasks succeed', () => {
    const before = outcomes(40, 100);
    const { low, high } = pairedDifference(before, outcomes(50, 100));
    expect(low).toBeGreaterThan(0.04);
    expect(high).toBeLessThan(0.16);
  });

  it('refuses lists of different tasks', () => {
    expect(() => pairedDifference([true], [true, false])).toThrow(/same tasks/);
  });
});
