import { InvalidInputError, type Turn } from '@spark-rl/core';
import fc from 'fast-check';

import {
  doubtSignal,
  entropyChangeSignal,
  leastConfidenceSignal,
  maxEntropySignal,
  meanEntropySignal,
  measure,
  repetitionSignal,
  lowRatingSignal,
  stalledSignal,
  surprisalSignal,
  top2MarginSignal,
  type Signal,
} from '../src/index.js';
import { makePath, makeTurn, type TurnParts } from './make.js';

const after = (signal: Signal, parts: TurnParts): number | null => signal.value(makePath(parts));

describe('token entropy', () => {
  const parts = { entropies: [0.5, 0.25, 1.5, 0] };

  it('is the mean, and the largest', () => {
    expect(after(meanEntropySignal(), parts)).toBe(0.5625);
    expect(after(maxEntropySignal(), parts)).toBe(1.5);
  });

  it('wants entropies', () => {
    expect(meanEntropySignal().want).toEqual({ entropies: true });
    expect(maxEntropySignal().want).toEqual({ entropies: true });
  });

  it('is null for a response without tokens', () => {
    expect(after(meanEntropySignal(), { entropies: [] })).toBeNull();
    expect(after(maxEntropySignal(), { entropies: [] })).toBeNull();
  });

  it('looks at the last turn of a path only', () => {
    expect(meanEntropySignal().value(makePath({ entropies: [9] }, { entropies: [1] }))).toBe(1);
  });
});

describe('the likeliest tokens', () => {
  // Margins 0.5 and 0.1; 1 - p is 0.25 and 0.5.
  const parts = {
    top: [
      [0.75, 0.25],
      [0.4, 0.5],
    ],
  };

  it('top2-margin is the negative of the margin, in any order of the alternatives', () => {
    expect(after(top2MarginSignal(), parts)).toBeCloseTo(-0.3, 12);
    expect(after(top2MarginSignal({ over: 'max' }), parts)).toBeCloseTo(-0.1, 12);
    expect(top2MarginSignal().want).toEqual({ topLogProbs: 2 });
  });

  it('least-confidence is 1 - p', () => {
    expect(after(leastConfidenceSignal(), parts)).toBeCloseTo(0.375, 12);
    expect(after(leastConfidenceSignal({ over: 'max' }), parts)).toBeCloseTo(0.5, 12);
    expect(leastConfidenceSignal().want).toEqual({ topLogProbs: 1 });
  });

  it('takes a lone alternative for one against nothing, and skips a position without any', () => {
    expect(after(top2MarginSignal(), { top: [[0.5], []] })).toBeCloseTo(-0.5, 12);
    expect(after(top2MarginSignal(), { top: [[]] })).toBeNull();
  });

  it('ties are a margin of 0', () => {
    expect(after(top2MarginSignal(), { top: [[0.5, 0.5]] })).toBeCloseTo(0, 12);
  });

  it('is found among many alternatives as by sorting', () => {
    const weights = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), {
      minLength: 2,
      maxLength: 12,
    });
    fc.assert(
      fc.property(weights, (values) => {
        const sum = values.reduce((a, b) => a + b, 0);
        const top = values.map((value) => value / sum);
        const [first, second] = [...top].sort((a, b) => b - a) as [number, number];
        expect(after(top2MarginSignal(), { top: [top] })).toBeCloseTo(second - first, 9);
        expect(after(leastConfidenceSignal(), { top: [top] })).toBeCloseTo(1 - first, 9);
      }),
    );
  });
});

describe('surprisal', () => {
  it('is -log p of what was sampled, and wants nothing', () => {
    const parts = { logProbs: [-0.5, 0, -2.5] };
    expect(after(surprisalSignal(), parts)).toBe(1);
    expect(after(surprisalSignal({ over: 'max' }), parts)).toBe(2.5);
    expect(after(surprisalSignal(), { logProbs: [0] })).toBe(0);
    expect(after(surprisalSignal(), {})).toBeNull();
    expect(surprisalSignal().want).toBeUndefined();
  });
});

describe('entropyChangeSignal', () => {
  const half = [0.5, 0.5];
  const options = { vocabulary: 16 };
  // One position of two equal halves: log 2 nats, over log 16 = 4 log 2: a quarter.
  const QUARTER = 0.25;

  it('adds up the positions and divides by log V once', () => {
    const path = makePath({ top: [[1]] }, { top: [half, half, half] });
    expect(entropyChangeSignal(options).value(path)).toBeCloseTo(3 * QUARTER, 12);
  });

  it('is 0 at the first turn, and negative when the first was less certain', () => {
    expect(entropyChangeSignal(options).value(makePath({ top: [half] }))).toBe(0);
    const path = makePath({ top: [half, half] }, { top: [half] });
    expect(entropyChangeSignal(options).value(path)).toBeCloseTo(-QUARTER, 12);
  });

  it('counts 20 tokens and the 10 likeliest alternatives of each', () => {
    const path = makePath({ top: [] }, { top: new Array<number[]>(25).fill(half) });
    expect(entropyChangeSignal(options).value(path)).toBeCloseTo(20 * QUARTER, 12);
    expect(entropyChangeSignal({ ...options, tokens: 3 }).value(path)).toBeCloseTo(3 * QUARTER, 12);
    // Eleven alternatives; the unlikeliest, 0.01, stands first and is left out.
    const eleven = [0.01, ...new Array<number>(9).fill(0.099), 0.099];
    const expected = (-10 * 0.099 * Math.log(0.099)) / Math.log(16);
    const value = entropyChangeSignal(options).value(makePath({ top: [] }, { top: [eleven] }));
    expect(value).toBeCloseTo(expected, 12);
    expect(entropyChangeSignal({ ...options, alternatives: 12 }).want).toEqual({ topLogProbs: 12 });
  });

  it('takes p log p for 0 at p = 0', () => {
    const value = entropyChangeSignal(options).value(makePath({ top: [] }, { top: [[1, 0]] }));
    expect(value).toBe(0);
  });

  it('compares with the path, or with the slot that a fork opened', () => {
    const [one, two, three] = [[half], [half, half], [half, half, half]];
    const opened = makePath(
      { top: one },
      { top: two, id: '0.1' as Turn['id'] },
      { top: three, id: '0.1.0' as Turn['id'] },
    );
    expect(entropyChangeSignal(options).value(opened)).toBeCloseTo(2 * QUARTER, 12);
    expect(entropyChangeSignal({ ...options, baseline: 'slot' }).value(opened)).toBeCloseTo(
      QUARTER,
      12,
    );
    const continued = makePath({ top: one }, { top: two }, { top: three });
    expect(entropyChangeSignal({ ...options, baseline: 'slot' }).value(continued)).toBeCloseTo(
      2 * QUARTER,
      12,
    );
    // Child 10 ends in a 0 and was opened by a fork all the same.
    const tenth = makePath({ top: one }, { top: three, id: '0.10' as Turn['id'] });
    expect(entropyChangeSignal({ ...options, baseline: 'slot' }).value(tenth)).toBe(0);
  });
});

describe('doubtSignal', () => {
  const count = (text: string): number | null => after(doubtSignal(), { text });

  it.each([
    ["I'm not sure where the key is.", 1],
    ['I am not entirely sure. Maybe the drawer?', 2],
    ["It isn't certain that it is here; it might be upstairs.", 2],
    ['UNCLEAR. Perhaps; possibly.', 3],
    ['I don’t know, no idea.', 2],
    ['The key must be in the drawer. I am sure.', 0],
    ['maybelline, uncertainties', 0],
    ['', 0],
  ])('%j has %i phrases of doubt', (text, expected) => {
    expect(count(text)).toBe(expected);
  });

  it('looks into the whole response, or into the reasoning', () => {
    const parts = { text: 'maybe <action>maybe</action>', reasoning: 'maybe' };
    expect(after(doubtSignal(), parts)).toBe(2);
    expect(after(doubtSignal({ where: 'reasoning' }), parts)).toBe(1);
  });

  it('takes other patterns, texts whatever the case and expressions with their own flags', () => {
    expect(after(doubtSignal({ patterns: ['hm+'] }), { text: 'Hmmm, hm' })).toBe(2);
    const sticky = doubtSignal({ patterns: [/hm/gy] });
    for (let i = 0; i < 3; i++) expect(after(sticky, { text: 'Hm, hm, hm' })).toBe(2);
  });

  it('names its patterns', () => {
    expect(doubtSignal().id).toBe('doubt(response,default)');
    expect(doubtSignal({ patterns: ['a', /b/u], where: 'reasoning' }).id).toBe(
      'doubt(reasoning,a|/b/u)',
    );
  });

  it.each([
    ['a broken one', '(', /patterns:.*Invalid regular expression.*found "\("/],
    ['one that matches nothing at all', 'maybe|', /matches the empty text/],
  ])('refuses %s', (_, pattern, message) => {
    expect(() => doubtSignal({ patterns: [pattern] })).toThrow(InvalidInputError);
    expect(() => doubtSignal({ patterns: [pattern] })).toThrow(message);
  });
});

describe('repetitionSignal', () => {
  const actions = (...names: readonly string[]) => makePath(...names.map((action) => ({ action })));

  it('counts the action among the last turns, this one included', () => {
    expect(repetitionSignal().value(actions('a'))).toBe(1);
    expect(repetitionSignal().value(actions('a', 'b', 'a', 'a'))).toBe(3);
    expect(repetitionSignal().value(actions('a', 'b', 'c', 'd', 'e', 'a'))).toBe(1);
    expect(repetitionSignal({ window: 6 }).value(actions('a', 'b', 'c', 'd', 'e', 'a'))).toBe(2);
  });

  it('has nothing to say of an empty action', () => {
    const path = makePath({ valid: false }, { valid: false });
    expect(repetitionSignal().value(path)).toBeNull();
    expect(repetitionSignal({ of: 'action-at-observation' }).value(path)).toBeNull();
  });

  it('tells the same action in different places apart', () => {
    const path = makePath(
      { action: 'go', observation: 'hall' },
      { action: 'go', observation: 'attic' },
      { action: 'go', observation: 'hall' },
    );
    expect(repetitionSignal().value(path)).toBe(3);
    expect(repetitionSignal({ of: 'action-at-observation' }).value(path)).toBe(2);
  });

  it('counts the observation after the turn, and the first one of all while it is in reach', () => {
    const seen = (...names: readonly string[]) =>
      makePath(
        ...names.map((nextObservation, i) => ({
          nextObservation,
          observation: i === 0 ? 'hall' : '',
        })),
      );
    const signal = repetitionSignal({ of: 'observation', window: 3 });
    expect(signal.value(seen('attic'))).toBe(1);
    expect(signal.value(seen('hall'))).toBe(2);
    expect(signal.value(seen('attic', 'hall'))).toBe(2);
    expect(signal.value(seen('attic', 'cellar', 'hall'))).toBe(1);
    expect(signal.value(seen('attic', 'cellar', 'attic'))).toBe(2);
  });

  it('compares images too', () => {
    const image = (base64: string) => [{ type: 'image' as const, mediaType: 'image/png', base64 }];
    const path = (first: string, second: string) =>
      makePath({ nextObservation: image(first) }, { nextObservation: image(second) });
    const signal = repetitionSignal({ of: 'observation' });
    expect(signal.value(path('AA==', 'AA=='))).toBe(2);
    expect(signal.value(path('AA==', 'AQ=='))).toBe(1);
  });
});

describe('lowRatingSignal', () => {
  it('is larger the worse the turn is rated, and says nothing of a turn without a rating', () => {
    const [turn] = makePath({ score: 0 });
    const rated = (value: number) => [{ ...turn!, rating: { value, tokens: 3 } }];
    expect(lowRatingSignal().value(rated(0.25))).toBe(-0.25);
    expect(lowRatingSignal().value([turn!])).toBeNull();
    expect(() => lowRatingSignal().value(rated(NaN))).toThrow(/rated NaN/);
  });
});

describe('stalledSignal', () => {
  it.each([
    [[0], 0],
    [[0, 0, 0], 2],
    [[0, 1, 1], 1],
    [[0, 1, 2], 0],
    [[5, 1, 2, 3], 3],
    [[-1, -2], 1],
  ])('scores %j have stalled for %i turns', (scores, expected) => {
    expect(stalledSignal().value(makePath(...scores.map((score) => ({ score }))))).toBe(expected);
  });
});

describe('measure', () => {
  const broken = (value: number): Signal => ({ id: 'broken', value: () => value });

  it('says what a policy did not report, instead of never forking', () => {
    const silent = makePath({ logProbs: [-1, -2] });
    expect(() => measure(meanEntropySignal(), silent)).toThrow(
      /reported no entropies, which signal mean-entropy reads\. Use a policy/,
    );
    expect(() => measure(top2MarginSignal(), silent)).toThrow(/no topLogProbs/);
    expect(measure(meanEntropySignal(), makePath({}))).toBeNull();
  });

  it('refuses what is no finite number', () => {
    for (const value of [NaN, Infinity]) {
      expect(() => measure(broken(value), makePath({}))).toThrow(InvalidInputError);
      expect(() => measure(broken(value), makePath({}))).toThrow(/signal broken is .* at turn 0/);
    }
  });

  it('lets a NaN among the tokens come through', () => {
    expect(() => measure(maxEntropySignal(), makePath({ entropies: [1, NaN, 0.5] }))).toThrow(
      /max-entropy/,
    );
    expect(() => measure(meanEntropySignal(), makePath({ entropies: [1, NaN] }))).toThrow(
      /mean-entropy/,
    );
  });

  it('needs a path', () => {
    expect(() => measure(surprisalSignal(), [])).toThrow(/path is empty/);
    expect(measure(surprisalSignal(), [makeTurn({ logProbs: [-1] })])).toBe(1);
  });
});

describe('wrong options of signals', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'an unknown summary',
      () => top2MarginSignal({ over: 'min' as never }),
      /options of signal top2-margin: over/,
    ],
    ['a window of one turn', () => repetitionSignal({ window: 1 }), /window/],
    ['no vocabulary', () => entropyChangeSignal({} as never), /vocabulary.*found undefined/],
    ['no patterns', () => doubtSignal({ patterns: [] }), /patterns/],
    ['an unknown place', () => doubtSignal({ where: 'action' as never }), /where/],
    ['an unknown option', () => surprisalSignal({ mean: true } as never), /mean/],
  ])('%s is refused', (_, make, message) => {
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(message);
  });
});
