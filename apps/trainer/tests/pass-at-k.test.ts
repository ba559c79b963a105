import fc from 'fast-check';

import { clusteredBootstrap, clusteredRate } from '../src/statistics/clustered-bootstrap.js';
import { passAtK } from '../src/statistics/pass-at-k.js';

/** Every way to draw k of n episodes, c of which succeeded, counted one by one. */
function byCounting(n: number, c: number, k: number): number {
  let draws = 0;
  let won = 0;
  for (let set = 0; set < 2 ** n; set++) {
    const drawn = Array.from({ length: n }, (_, i) => i).filter((i) => (set >> i) & 1);
    if (drawn.length !== k) continue;
    draws++;
    if (drawn.some((i) => i < c)) won++;
  }
  return won / draws;
}

describe('passAtK', () => {
  it.each([
    // 1 - C(3,1)/C(5,1) = 2/5
    [5, 2, 1, 0.4],
    // 1 - C(3,2)/C(5,2) = 1 - 3/10
    [5, 2, 2, 0.7],
    // 1 - C(3,3)/C(5,3) = 1 - 1/10
    [5, 2, 3, 0.9],
    // Three failures cannot fill a draw of four.
    [5, 2, 4, 1],
    // 1 - C(6,4)/C(8,4) = 1 - 15/70
    [8, 2, 4, 11 / 14],
    [8, 0, 8, 0],
    [8, 8, 1, 1],
    [1, 1, 1, 1],
  ])('of n %d, c %d, k %d is %d', (n, c, k, expected) => {
    expect(passAtK(n, c, k)).toBeCloseTo(expected, 12);
  });

  it('is the share of all draws that hold a success', () => {
    const numbers = fc
      .integer({ min: 1, max: 10 })
      .chain((n) =>
        fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n }), fc.integer({ min: 1, max: n })),
      );
    fc.assert(
      fc.property(numbers, ([n, c, k]) => {
        expect(passAtK(n, c, k)).toBeCloseTo(byCounting(n, c, k), 10);
      }),
    );
  });

  it('is unbiased: over all outcomes of n episodes it comes to 1 - (1 - p)^k', () => {
    const [n, p] = [6, 0.3];
    const binomial = (c: number): number => {
      let ways = 1;
      for (let i = 0; i < c; i++) ways = (ways * (n - i)) / (i + 1);
      return ways * p ** c * (1 - p) ** (n - c);
    };
    for (let k = 1; k <= n; k++) {
      let expected = 0;
      for (let c = 0; c <= n; c++) expected += binomial(c) * passAtK(n, c, k);
      expect(expected).toBeCloseTo(1 - (1 - p) ** k, 12);
    }
  });

  it('grows with k and stays a share, also where the binomials overflow', () => {
    let before = 0;
    for (const k of [1, 10, 100, 1000, 5000]) {
      const now = passAtK(10_000, 30, k);
      expect(now).toBeGreaterThan(before);
      expect(now).toBeLessThanOrEqual(1);
      before = now;
    }
    expect(passAtK(10_000, 30, 1)).toBeCloseTo(0.003, 12);
  });

  it.each([
    [4, 2, 5],
    [4, 5, 1],
    [4, -1, 1],
    [4, 2, 0],
    [4.5, 2, 1],
  ])('refuses n %d, c %d, k %d', (n, c, k) => {
    expect(() => passAtK(n, c, k)).toThrow(RangeError);
  });
});

describe('clusteredBootstrap', () => {
  it('is as wide as the normal interval of many tasks, and the same for the same key', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i % 4) / 3);
    const { mean, low, high } = clusteredBootstrap(values, [1]);
    expect(mean).toBeCloseTo(0.5, 12);
    // The standard deviation of 0, 1/3, 2/3, 1 is 0.3727: half = 1.96 * 0.3727 / 20.
    expect(high - low).toBeCloseTo(2 * 0.0365, 2);
    expect((high + low) / 2).toBeCloseTo(0.5, 2);
    expect(clusteredBootstrap(values, [1])).toEqual({ mean, low, high });
    expect(clusteredBootstrap(values, [2])).not.toEqual({ mean, low, high });
  });

  it('knows that episodes of one task are no further tasks', () => {
    // 10 tasks whose 8 episodes all end alike say as much as 10 episodes, not as 80.
    const tasks = Array.from({ length: 10 }, (_, i) => Number(i < 5));
    const { low, high } = clusteredBootstrap(tasks, [1]);
    expect(high - low).toBeGreaterThan(0.5);
  });

  it('says nothing of one task', () => {
    expect(clusteredBootstrap([0.5], [1])).toEqual({ mean: 0.5, low: NaN, high: NaN });
    expect(clusteredBootstrap([], [1]).mean).toBeNaN();
  });
});

describe('clusteredRate', () => {
  it('is never certain', () => {
    const none = clusteredRate(Array<number>(20).fill(0), [1]);
    // Wilson: z² / (n + z²) = 3.8415 / 23.8415
    expect([none.mean, none.low]).toEqual([0, 0]);
    expect(none.high).toBeCloseTo(0.16113, 5);
    const all = clusteredRate(Array<number>(20).fill(1), [1]);
    expect([all.mean, all.high]).toEqual([1, 1]);
    expect(all.low).toBeCloseTo(1 - 0.16113, 5);
    const some = [0, 0.25, 1, 0.5, 0.5, 0.75, 0.25];
    expect(clusteredRate(some, [1])).toEqual(clusteredBootstrap(some, [1]));
    expect(clusteredRate([], [1]).mean).toBeNaN();
  });

  it('is not taken in by a single success among many games', () => {
    // One game of 60 succeeded in one of 8 episodes: the bootstrap would say at most 0.6 %.
    const shares = [0.125, ...Array<number>(59).fill(0)];
    expect(clusteredBootstrap(shares, [1]).high).toBeLessThan(0.01);
    const { mean, low, high } = clusteredRate(shares, [1]);
    expect(mean).toBeCloseTo(0.125 / 60, 12);
    expect(low).toBeLessThan(mean);
    // Wilson of 0 in 60: 3.8415 / 63.8415 = 0.0602
    expect(high).toBeGreaterThan(0.0602);
  });
});
