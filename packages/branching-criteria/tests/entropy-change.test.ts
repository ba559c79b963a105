import { InvalidInputError } from '@spark-rl/core';
import fc from 'fast-check';

import { entropyChange, type EntropyChangeOptions } from '../src/index.js';
import { ask, makePath, type TurnParts } from './make.js';

// One position of two equal halves has log 2 nats; over log 4 that is 0.5.
const half = [0.5, 0.5];
const positions = (count: number): TurnParts => ({ top: new Array<number[]>(count).fill(half) });
const vocabulary = 4;

/** How often the criterion forks in 4000 draws at the end of a path with dH = change / 2. */
function share(options: EntropyChangeOptions, change: number): number {
  const path =
    change < 0
      ? makePath(positions(-change), positions(0))
      : makePath(positions(0), positions(change));
  const criterion = entropyChange(options);
  const forks = Array.from(
    { length: 4000 },
    (_, i) => ask(criterion, path, ['draw', i]).width,
  ).filter((width) => width > 1);
  return forks.length / 4000;
}

// Four standard deviations of a share of 4000 draws are at most 0.032.
const NEAR = 0.032;

describe('entropyChange', () => {
  it.each([
    ['arpo', 0, 0.5],
    ['arpo', 2, 0.7],
    ['arpo', -3, 0.2],
    ['spark-code', 0, 0.1],
    ['spark-code', 1, 0.35],
  ] as const)('%s: dH of %i halves forks with probability %d', (form, change, expected) => {
    expect(Math.abs(share({ form, vocabulary }, change) - expected)).toBeLessThan(NEAR);
  });

  it('clips the probability: never, and always', () => {
    expect(share({ form: 'arpo', vocabulary }, -5)).toBe(0);
    expect(share({ form: 'arpo', vocabulary }, 5)).toBe(1);
    expect(share({ form: 'spark-code', vocabulary }, -1)).toBe(0);
    expect(share({ form: 'spark-code', vocabulary }, 4)).toBe(1);
  });

  it('takes other constants than the form’s', () => {
    expect(share({ vocabulary, probability: 0.25, weight: 0 }, 8)).toBeCloseTo(0.25, 1);
    expect(share({ vocabulary, probability: 0, weight: 1 }, 2)).toBe(1);
  });

  it('arpo draws for each further child, spark-code for all at once', () => {
    const path = makePath(positions(1));
    const widths = (form: 'arpo' | 'spark-code', probability: number): readonly number[] => {
      const criterion = entropyChange({ form, vocabulary, probability, width: 3 });
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 4000; i++) counts[ask(criterion, path, ['draw', i]).width]! += 1 / 4000;
      return counts.slice(1);
    };
    const arpo = widths('arpo', 0.5);
    for (const [i, expected] of [0.25, 0.5, 0.25].entries())
      expect(Math.abs(arpo[i]! - expected)).toBeLessThan(NEAR);
    const code = widths('spark-code', 0.5);
    expect(code[1]).toBe(0);
    expect(Math.abs(code[2]! - 0.5)).toBeLessThan(NEAR);
  });

  it('arpo compares with the path, spark-code with the slot', () => {
    const forked = makePath(positions(0), { ...positions(4), id: '0.1' as never });
    const forks = (form: 'arpo' | 'spark-code'): number =>
      Array.from(
        { length: 300 },
        (_, i) =>
          ask(entropyChange({ form, vocabulary, probability: 0, weight: 1 }), forked, [i]).width,
      ).filter((width) => width > 1).length;
    expect(forks('arpo')).toBe(300);
    expect(forks('spark-code')).toBe(0);
  });

  it('has dH for its priority, wants the likeliest tokens, and names all its settings', () => {
    const criterion = entropyChange({ vocabulary, probability: 1 });
    expect(ask(criterion, makePath(positions(0), positions(2)))).toEqual({ width: 2, priority: 1 });
    expect(criterion.want).toEqual({ topLogProbs: 10 });
    expect(criterion.id).toBe('entropy-change(arpo,1,0.2,path,4,20,10,2)');
    expect(entropyChange({ form: 'spark-code', vocabulary }).id).toBe(
      'entropy-change(spark-code,0.1,0.5,slot,4,20,10,2)',
    );
  });

  it('decides the same for the same key, within its width', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('arpo' as const, 'spark-code' as const),
        fc.nat(),
        (first, now, width, form, key) => {
          const criterion = entropyChange({ form, vocabulary, width });
          const path = makePath(positions(first), positions(now));
          const decision = ask(criterion, path, [key]);
          expect(ask(criterion, path, [key])).toEqual(decision);
          expect(decision.width).toBeGreaterThanOrEqual(1);
          expect(decision.width).toBeLessThanOrEqual(criterion.maxWidth);
        },
      ),
    );
  });

  it.each<[string, EntropyChangeOptions, RegExp]>([
    ['no vocabulary', {} as never, /^options of entropyChange: vocabulary/],
    ['an unknown form', { form: 'spark' as never, vocabulary }, /form/],
    ['a probability above 1', { vocabulary, probability: 2 }, /probability.*found 2/],
    ['a weight that is none', { vocabulary, weight: NaN }, /weight/],
    ['no tokens', { vocabulary, tokens: 0 }, /tokens/],
  ])('refuses %s', (_, options, message) => {
    expect(() => entropyChange(options)).toThrow(InvalidInputError);
    expect(() => entropyChange(options)).toThrow(message);
  });

  it('refuses a policy that does not report the likeliest tokens', () => {
    expect(() => ask(entropyChange({ vocabulary }), makePath({ logProbs: [-1] }))).toThrow(
      /no topLogProbs/,
    );
  });
});
