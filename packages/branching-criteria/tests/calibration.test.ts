import { InvalidInputError, type NodeId } from '@spark-rl/core';
import fc from 'fast-check';

import {
  calibrate,
  calibratedQuantile,
  calibratedThreshold,
  meanEntropySignal,
  parseCalibration,
  surprisalSignal,
  type Calibration,
  type Signal,
} from '../src/index.js';
import { askAfter, makeTree } from './make.js';

const signal: Signal = { id: 'score', value: (path) => path.at(-1)?.next.score ?? null };

const samples = (...values: readonly number[]): Calibration => ({
  version: 1,
  signal: 'score',
  samples: values,
});

describe('calibrate', () => {
  // Root 0 forks at its second turn; root 1 ends at once.
  const tree = makeTree({
    '0': { score: 0.25 },
    '0.0': { score: 0.5 },
    '0.0.0': { score: 9 },
    '0.0.1': { score: 9, status: 'running' },
    '1': { score: 9 },
  });

  it('takes every turn after which a criterion was asked, once', () => {
    expect(calibrate([tree], signal)).toEqual(samples(0.25, 0.5));
  });

  it('keeps the tail of a lost path: it was asked about', () => {
    const lost = {
      ...tree,
      leaves: tree.leaves.map((leaf) => ({ ...leaf, outcome: 'failed' as const })),
    };
    expect(calibrate([lost], signal).samples).toEqual([0.25, 0.5, 9, 9, 9]);
  });

  it('measures a turn on its own path', () => {
    const depth: Signal = { id: 'depth', value: (path) => path.length };
    expect(calibrate([tree, tree], depth).samples).toEqual([1, 2, 1, 2]);
  });

  it('leaves out what has no value', () => {
    const some: Signal = { id: 'score', value: (path) => (path.length > 1 ? 1 : null) };
    expect(calibrate([tree], some)).toEqual(samples(1));
    expect(calibrate([tree], meanEntropySignal()).samples).toEqual([]);
  });

  it('appends to what it had, forgets the oldest, and changes nothing in place', () => {
    const previous = Object.freeze(samples(1, 2, 3));
    Object.freeze(previous.samples);
    expect(calibrate([tree], signal, previous).samples).toEqual([1, 2, 3, 0.25, 0.5]);
    expect(calibrate([tree], signal, previous, { window: 3 }).samples).toEqual([3, 0.25, 0.5]);
    expect(calibrate([], signal, previous, { window: 2 }).samples).toEqual([2, 3]);
  });

  it('is the same in one go and step by step, and goes through JSON', () => {
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 6,
    });
    const chain = (scores: readonly number[]) =>
      makeTree(
        Object.fromEntries(
          [...scores, 0].map((score, i) => [
            ['0', ...new Array<string>(i).fill('0')].join('.'),
            { score },
          ]),
        ),
      );
    fc.assert(
      fc.property(
        fc.array(values, { maxLength: 4 }),
        fc.integer({ min: 1, max: 12 }),
        (steps, window) => {
          const trees = steps.map(chain);
          let calibration: Calibration | undefined;
          for (const each of trees) {
            calibration = calibrate([each], signal, calibration, { window });
            // JSON has no -0.
            calibration = parseCalibration(JSON.parse(JSON.stringify(calibration)));
          }
          const atOnce = calibrate(trees, signal, undefined, { window });
          expect(calibration?.samples.map((value) => value + 0) ?? []).toEqual(
            atOnce.samples.map((value) => value + 0),
          );
        },
      ),
    );
  });

  it('refuses the statistics of another signal, and a signal that is no number', () => {
    expect(() => calibrate([tree], surprisalSignal(), samples(1))).toThrow(
      /calibration is of signal score, not of surprisal\(mean\)/,
    );
    expect(() => calibrate([tree], { id: 'nan', value: () => NaN })).toThrow(InvalidInputError);
    expect(() => calibrate([tree], signal, undefined, { window: 0 })).toThrow(/window/);
  });
});

describe('parseCalibration', () => {
  it.each([
    [null],
    [{ version: 2, signal: 's', samples: [] }],
    [{ version: 1, signal: 's', samples: ['1'] }],
  ])('%j is refused', (value) => {
    expect(() => parseCalibration(value)).toThrow(InvalidInputError);
    expect(() => parseCalibration(value)).toThrow(/^calibration: /);
  });
});

describe('calibratedThreshold', () => {
  it.each([
    [0, 10],
    [0.09, 10],
    [0.1, 9],
    [0.3, 7],
    [0.7, 3],
    [1, -Infinity],
  ])('of 1 ... 10 with a share of %d is %d', (share, expected) => {
    expect(calibratedThreshold(samples(3, 1, 2, 10, 9, 8, 7, 4, 5, 6), share)).toBe(expected);
  });

  it('is not led astray by rounding: 0.29 * 100 is 28.999999999999996', () => {
    const hundred = samples(...Array.from({ length: 100 }, (_, i) => i));
    expect(calibratedThreshold(hundred, 0.29)).toBe(70);
  });

  it('sorts by value, not by text, and knows nothing of an empty sample', () => {
    expect(calibratedThreshold(samples(9, 10, -1), 0)).toBe(10);
    expect(calibratedThreshold(samples(), 0.5)).toBeNull();
  });
});

describe('calibratedQuantile', () => {
  const hundred = samples(...Array.from({ length: 100 }, (_, i) => i));

  it('asks in the top share of the values so far', () => {
    const criterion = calibratedQuantile({ signal, share: 0.2, width: 3, calibration: hundred });
    expect(criterion.id).toBe('calibrated-quantile(score,0.2,3,>79)');
    expect(criterion.maxWidth).toBe(3);
    expect(askAfter(criterion, { score: 79 })).toEqual({ width: 1 });
    expect(askAfter(criterion, { score: 79.5 })).toEqual({ width: 3, priority: 79.5 });
  });

  it('never asks without enough samples, and still wants what its signal reads', () => {
    const few = { ...hundred, signal: 'mean-entropy', samples: hundred.samples.slice(1) };
    for (const calibration of [undefined, few]) {
      const criterion = calibratedQuantile({ signal: meanEntropySignal(), share: 1, calibration });
      expect(criterion.maxWidth).toBe(1);
      expect(criterion.want).toEqual({ entropies: true });
      expect(askAfter(criterion, { entropies: [9] })).toEqual({ width: 1 });
    }
    const enough = calibratedQuantile({
      signal: meanEntropySignal(),
      share: 1,
      calibration: few,
      minimumSamples: 99,
    });
    expect(askAfter(enough, { entropies: [0] }).width).toBe(2);
  });

  it('asks never with a share of 0 beyond what was seen, always with a share of 1', () => {
    expect(
      askAfter(calibratedQuantile({ signal, share: 0, calibration: hundred }), { score: 99 }).width,
    ).toBe(1);
    expect(
      askAfter(calibratedQuantile({ signal, share: 1, calibration: hundred }), { score: -99 })
        .width,
    ).toBe(2);
  });

  it('asks in its share of the calibrated values: exactly without ties, no more with them', () => {
    const shares = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
    const asked = (values: readonly number[], share: number): number => {
      const calibration = samples(...values);
      const criterion = calibratedQuantile({ signal, share, calibration, minimumSamples: 1 });
      return values.filter((score) => askAfter(criterion, { score }).width > 1).length;
    };
    const distinct = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(distinct, shares, (values, share) => {
        expect(asked(values, share)).toBe(
          Math.floor((Math.round(share * 100) * values.length) / 100),
        );
      }),
    );
    const tied = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(tied, shares, (values, share) => {
        expect(asked(values, share)).toBeLessThanOrEqual(share * values.length + 1e-9);
      }),
    );
  });

  it('asks in about its share of new values from the same source', () => {
    // Two thousand values each of a fixed irregular sequence; the share's standard deviation is below 0.013.
    const value = (i: number): number => (Math.imul(i, 2654435761) >>> 0) / 2 ** 32;
    const seen = samples(...Array.from({ length: 2000 }, (_, i) => value(i) ** 3));
    const criterion = calibratedQuantile({ signal, share: 0.3, calibration: seen });
    const fresh = Array.from({ length: 2000 }, (_, i) => value(100000 + i) ** 3);
    const share = fresh.filter((score) => askAfter(criterion, { score }).width > 1).length / 2000;
    expect(Math.abs(share - 0.3)).toBeLessThan(0.04);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['a share in percent', () => calibratedQuantile({ signal, share: 20 }), /share.*found 20/],
    ['no share', () => calibratedQuantile({ signal } as never), /share/],
    [
      'another signal',
      () => calibratedQuantile({ signal: surprisalSignal(), share: 0.2, calibration: hundred }),
      /not of surprisal/,
    ],
    [
      'a broken calibration',
      () => calibratedQuantile({ signal, share: 0.2, calibration: {} as never }),
      /^calibration: /,
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(message);
  });

  it('is measured again on the tree it grew', () => {
    const id = '0' as NodeId;
    const tree = makeTree({ [id]: { entropies: [1, 2] }, '0.0': {} });
    expect(calibrate([tree], meanEntropySignal()).samples).toEqual([1.5]);
  });
});
