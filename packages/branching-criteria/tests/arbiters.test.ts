import { InvalidInputError, randomSource, rootId, type BranchingRequest } from '@spark-rl/core';
import fc from 'fast-check';

import { priorityFirst, randomSubset } from '../src/index.js';

const requests = (...priorities: readonly number[]): readonly BranchingRequest[] =>
  priorities.map((priority, i) => ({ node: rootId(i), width: 2, priority }));

const nodes = (served: readonly BranchingRequest[]): readonly string[] =>
  served.map(({ node }) => node);

describe('priorityFirst', () => {
  it('serves the largest first', () => {
    const served = priorityFirst().order(
      requests(0.5, -1, 3, Infinity, -Infinity),
      randomSource(['a']),
    );
    expect(nodes(served)).toEqual(['3', '2', '0', '1', '4']);
  });

  it('breaks ties in seeded order: every order of three, about equally often', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const order = nodes(priorityFirst().order(requests(1, 1, 1, 2), randomSource([i]))).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['3012', '3021', '3102', '3120', '3201', '3210']);
    // 500 each; the standard deviation is 20.4.
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(90);
  });

  it('serves everyone once, in falling order, the same for the same key', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { maxLength: 12 }),
        fc.nat(),
        (priorities, key) => {
          const asked = requests(...priorities);
          const served = priorityFirst().order(asked, randomSource([key]));
          expect(new Set(served)).toEqual(new Set(asked));
          expect(served).toHaveLength(asked.length);
          for (const [i, { priority }] of served.slice(1).entries())
            expect(priority).toBeLessThanOrEqual(served[i]!.priority);
          expect(priorityFirst().order(asked, randomSource([key]))).toEqual(served);
        },
      ),
    );
  });
});

describe('randomSubset', () => {
  it('serves k, every one about equally often', () => {
    const served = new Array<number>(5).fill(0);
    for (let i = 0; i < 3000; i++)
      for (const { node } of randomSubset({ count: 2 }).order(
        requests(9, 0, 0, 0, 0),
        randomSource([i]),
      ))
        served[Number(node)]! += 1;
    expect(served.reduce((a, b) => a + b)).toBe(6000);
    // 1200 each; the standard deviation is 26.8.
    for (const count of served) expect(Math.abs(count - 1200)).toBeLessThan(108);
  });

  it('serves all when there are k or fewer', () => {
    expect(
      nodes(randomSubset({ count: 4 }).order(requests(0, 0), randomSource(['a']))).toSorted(),
    ).toEqual(['0', '1']);
    expect(randomSubset({ count: 4 }).order([], randomSource(['a']))).toEqual([]);
  });

  it('names its k, and refuses one that is none', () => {
    expect(randomSubset({ count: 4 }).id).toBe('random-subset(4)');
    expect(() => randomSubset({ count: 0 })).toThrow(InvalidInputError);
    expect(() => randomSubset({} as never)).toThrow(/^options of randomSubset: count/);
  });
});
