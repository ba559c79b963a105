import fc from 'fast-check';

import { encodeKey, randomSource, type RandomKey } from '../src/index.js';

const keys = fc.array(fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.integer()));

describe('encodeKey', () => {
  it('is injective: equal texts come from equal keys only', () => {
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        const same = a.length === b.length && a.every((part, i) => Object.is(part, b[i]));
        expect(encodeKey(a) === encodeKey(b)).toBe(same);
      }),
    );
  });

  it.each<[RandomKey, RandomKey]>([
    [['ab'], ['a', 'b']],
    [[1], ['1']],
    [[12], [1, 2]],
    [['a', ''], ['a']],
    [[0], [-0]],
    [['s1:a'], ['a']],
    [['1:as1:b'], ['a', 'b']],
  ])('tells %j from %j', (a, b) => {
    expect(encodeKey(a)).not.toBe(encodeKey(b));
  });
});

describe('randomSource', () => {
  const draw = (key: RandomKey, count = 8): number[] => {
    const random = randomSource(key);
    return Array.from({ length: count }, () => random.integer(0x1_0000_0000));
  };

  it('gives the same stream for the same key, whatever was drawn elsewhere', () => {
    const first = draw(['seed', 7, 'task', 'a']);
    draw(['other']);
    expect(draw(['seed', 7, 'task', 'a'])).toEqual(first);
  });

  it('gives different streams for keys that differ in one place', () => {
    const streams = [
      ['seed', 7],
      ['seed', 8],
      ['seed', '7'],
      [7, 'seed'],
      ['seed', 7, ''],
    ].map((key) => draw(key).join());
    expect(new Set(streams).size).toBe(streams.length);
  });

  it('never changes: golden values', () => {
    const random = randomSource(['golden', 1]);
    expect([random.integer(1000), random.integer(1000), random.integer(1000)]).toEqual([
      409, 418, 319,
    ]);
    expect(random.uniform()).toBe(0.7977375882790998);
    expect(random.normal()).toBeCloseTo(0.598745618257825, 12);
    expect(random.shuffle([0, 1, 2, 3, 4, 5])).toEqual([0, 4, 1, 2, 3, 5]);
    expect(random.pick(['a', 'b', 'c'])).toBe('c');
  });

  it('draws uniform numbers in [0, 1) with the mean and variance of the uniform distribution', () => {
    const random = randomSource(['uniform']);
    const values = Array.from({ length: 20_000 }, () => random.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // Four standard errors: 4 * sqrt(1/12/20000) = 0.0082.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.0082);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.003);
  });

  it('draws integers without bias: chi-square of a bound that does not divide 2^32', () => {
    const random = randomSource(['integer']);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 14_000; i++) counts[random.integer(7)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    // 99.9 % quantile of chi-square with 6 degrees of freedom.
    expect(chiSquare).toBeLessThan(22.46);
  });

  it('rejects the incomplete last run: with bound 3 * 2^30 the lower third is not favoured', () => {
    const random = randomSource(['large bound']);
    const bound = 3 * 2 ** 30;
    let low = 0;
    for (let i = 0; i < 9000; i++) if (random.integer(bound) < 2 ** 30) low++;
    // A bare modulo gives 4500; unbiased gives 3000 with a standard deviation of 45.
    expect(Math.abs(low - 3000)).toBeLessThan(180);
  });

  it('refuses a bound that is not an integer in [1, 2^32]', () => {
    const random = randomSource(['bounds']);
    for (const bound of [0, -1, 1.5, NaN, 2 ** 32 + 1])
      expect(() => random.integer(bound)).toThrow('give an integer in [1, 2^32]');
    expect(random.integer(1)).toBe(0);
  });

  it('draws normal numbers with mean 0 and variance 1', () => {
    const random = randomSource(['normal']);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it('shuffles into a permutation and leaves the original alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = [...items];
        const shuffled = randomSource(['shuffle', seed]).shuffle(items);
        expect(items).toEqual(before);
        expect(shuffled.sort((a, b) => a - b)).toEqual(before.sort((a, b) => a - b));
      }),
    );
  });

  it('shuffles every order equally often', () => {
    const random = randomSource(['orders']);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle([0, 1, 2]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('picks one of the items, and refuses to pick from none', () => {
    const random = randomSource(['pick']);
    const seen = new Set(Array.from({ length: 60 }, () => random.pick(['a', 'b', 'c'])));
    expect([...seen].sort()).toEqual(['a', 'b', 'c']);
    expect(() => random.pick([])).toThrow('items is empty');
  });
});
