import { InvalidInputError, type BranchingCriterion } from '@spark-rl/core';
import fc from 'fast-check';

import {
  all,
  always,
  any,
  atMost,
  coolDown,
  criterion,
  exploreTag,
  fixedProbability,
  meanEntropy,
  meanEntropySignal,
  never,
  not,
  notBefore,
  rankBy,
  surprisalSignal,
  top2Margin,
  turnSchedule,
} from '../src/index.js';
import { ask, askAfter, makePath, type TurnParts } from './make.js';

/** Asks for a fixed width, with or without a priority. */
const fixed = (width: number, priority?: number, maxWidth = 5): BranchingCriterion => ({
  id: `fixed${width}`,
  maxWidth,
  decide: () => (priority === undefined ? { width } : { width, priority }),
});

describe('any and all', () => {
  it.each([
    [1, 1, 1, 1],
    [1, 2, 2, 1],
    [2, 1, 2, 1],
    [3, 2, 3, 2],
  ])('of %i and %i: any %i, all %i', (a, b, either, both) => {
    const criteria = [fixed(a), fixed(b)];
    expect(askAfter(any({ criteria }), {}).width).toBe(either);
    expect(askAfter(all({ criteria }), {}).width).toBe(both);
  });

  it('any has the largest priority of those that ask, all the smallest that was named', () => {
    const asking = [fixed(2, -3), fixed(2), fixed(3, 1), fixed(1, 9)];
    expect(askAfter(any({ criteria: asking }), {})).toEqual({ width: 3, priority: 1 });
    expect(askAfter(all({ criteria: asking.slice(0, 3) }), {})).toEqual({ width: 2, priority: -3 });
    expect(askAfter(any({ criteria: [fixed(2), fixed(1, 9)] }), {})).toEqual({ width: 2 });
    expect(askAfter(all({ criteria: [fixed(2)] }), {})).toEqual({ width: 2 });
  });

  it('can ask as wide as their widest, and their narrowest', () => {
    const criteria = [always({ width: 4 }), always({ width: 3 })];
    expect([any({ criteria }).maxWidth, all({ criteria }).maxWidth]).toEqual([4, 3]);
    expect(all({ criteria: [...criteria, never()] }).maxWidth).toBe(1);
  });

  it('want what any of them wants', () => {
    const criteria = [
      meanEntropy({ above: 1 }),
      top2Margin({ below: 0.1 }),
      criterion({ id: 'five', asks: () => true, want: { topLogProbs: 5 } }),
    ];
    expect(any({ criteria }).want).toEqual({ entropies: true, topLogProbs: 5 });
    expect(all({ criteria: [never(), ...criteria.slice(0, 1)] }).want).toEqual({ entropies: true });
    expect(any({ criteria: [never(), always()] })).not.toHaveProperty('want');
  });

  it('draw from one stream one after the other: two coins are not one', () => {
    const coins = [fixedProbability({ probability: 0.5 }), fixedProbability({ probability: 0.5 })];
    const forks = (criterion: BranchingCriterion): number =>
      Array.from({ length: 4000 }, (_, i) => askAfter(criterion, {}, [i]).width).filter(
        (width) => width > 1,
      ).length / 4000;
    expect(Math.abs(forks(any({ criteria: coins })) - 0.75)).toBeLessThan(0.032);
    expect(Math.abs(forks(all({ criteria: coins })) - 0.25)).toBeLessThan(0.032);
  });

  it('name their parts', () => {
    expect(any({ criteria: [never(), all({ criteria: [always()] })] }).id).toBe(
      'any(never,all(always(2)))',
    );
  });
});

describe('not', () => {
  it('asks exactly where the other does not', () => {
    const tag = exploreTag();
    expect(askAfter(not({ criterion: tag, width: 3 }), { text: '<explore>x</explore>' })).toEqual({
      width: 1,
    });
    expect(askAfter(not({ criterion: tag, width: 3 }), { text: 'x' })).toEqual({ width: 3 });
    expect(not({ criterion: never() }).maxWidth).toBe(2);
    expect(not({ criterion: meanEntropy({ above: 1 }) }).want).toEqual({ entropies: true });
  });
});

describe('limits along a path', () => {
  const forked: TurnParts = { requestedWidth: 2, grantedWidth: 2 };
  const refused: TurnParts = { requestedWidth: 2, grantedWidth: 1 };
  const expanded: TurnParts = { requestedWidth: 1, grantedWidth: 3 };

  it.each<[string, readonly TurnParts[], number, number]>([
    ['no fork so far', [{}, {}], 1, 2],
    ['one of one', [forked, {}], 1, 1],
    ['one of two', [forked, {}], 2, 2],
    ['two of two', [forked, {}, forked, {}], 2, 1],
    ['one that was not granted', [refused, {}], 1, 2],
    ['children that an expansion added', [expanded, {}], 1, 2],
    ['none allowed', [{}], 0, 1],
  ])('atMost: %s', (_, parts, forks, width) => {
    expect(ask(atMost({ criterion: always(), forks }), makePath(...parts)).width).toBe(width);
  });

  it('atMost(0) says that it never asks', () => {
    expect(atMost({ criterion: always(), forks: 0 }).maxWidth).toBe(1);
    expect(atMost({ criterion: always({ width: 3 }), forks: 1 }).maxWidth).toBe(3);
  });

  it('notBefore lets turns from t on fork', () => {
    const late = notBefore({ criterion: always(), turn: 2 });
    expect([0, 1, 2, 3].map((index) => askAfter(late, { index }).width)).toEqual([1, 1, 2, 2]);
  });

  it.each<[string, readonly TurnParts[], number, number]>([
    ['no fork so far', [{}, {}], 2, 2],
    ['the turn after', [forked, {}], 1, 1],
    ['two turns after, of one', [forked, {}, {}], 1, 2],
    ['two turns after, of two', [forked, {}, {}], 2, 1],
    ['three turns after, of two', [forked, {}, {}, {}], 2, 2],
    ['after the later of two', [forked, {}, {}, forked, {}], 1, 1],
    ['after one that was not granted', [refused, {}], 5, 2],
    ['after children that an expansion added', [expanded, {}], 5, 2],
  ])('coolDown: %s', (_, parts, turns, width) => {
    expect(ask(coolDown({ criterion: always(), turns }), makePath(...parts)).width).toBe(width);
  });

  it('keep what the other wants, can ask for, and ranks by', () => {
    const inner = meanEntropy({ above: 1, width: 3 });
    for (const limited of [
      atMost({ criterion: inner, forks: 1 }),
      notBefore({ criterion: inner, turn: 0 }),
      coolDown({ criterion: inner, turns: 1 }),
    ]) {
      expect([limited.want, limited.maxWidth]).toEqual([{ entropies: true }, 3]);
      expect(askAfter(limited, { entropies: [2] })).toEqual({ width: 3, priority: 2 });
    }
  });

  it('a path grown under atMost and coolDown keeps both limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (grants, forks, turns) => {
          const limited = atMost({ criterion: coolDown({ criterion: always(), turns }), forks });
          const parts: TurnParts[] = [];
          for (const grant of grants) {
            const { width } = ask(limited, makePath(...parts, {}));
            parts.push({ requestedWidth: width, grantedWidth: grant ? width : 1 });
          }
          const forkedAt = parts.flatMap((part, t) => ((part.grantedWidth ?? 1) > 1 ? [t] : []));
          expect(forkedAt.length).toBeLessThanOrEqual(forks);
          for (const [i, t] of forkedAt.slice(1).entries())
            expect(t - forkedAt[i]!).toBeGreaterThan(turns);
        },
      ),
    );
  });
});

describe('rankBy', () => {
  it('puts a signal on a criterion that has none', () => {
    const ranked = rankBy({ criterion: exploreTag(), signal: meanEntropySignal() });
    expect(ranked.want).toEqual({ entropies: true });
    expect(askAfter(ranked, { text: '<explore>x</explore>', entropies: [0.5, 1.5] })).toEqual({
      width: 2,
      priority: 1,
    });
    expect(askAfter(ranked, { text: 'x', entropies: [0.5] })).toEqual({ width: 1 });
  });

  it('names no priority where there is nothing to measure', () => {
    const ranked = rankBy({ criterion: fixed(2, 7), signal: surprisalSignal() });
    expect(askAfter(ranked, {})).toEqual({ width: 2 });
  });
});

describe('random compositions', () => {
  const leaf = fc.oneof(
    fc.constant(exploreTag()),
    fc.constant(never()),
    fc.integer({ min: 1, max: 4 }).map((width) => always({ width })),
    fc
      .double({ min: 0, max: 1, noNaN: true })
      .map((probability) => fixedProbability({ probability, width: 3 })),
    fc.double({ min: 0, max: 2, noNaN: true }).map((above) => meanEntropy({ above, width: 4 })),
    fc.integer({ min: 1, max: 3 }).map((every) => turnSchedule({ every })),
  );
  const { composed } = fc.letrec<{ composed: BranchingCriterion }>((tie) => ({
    composed: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc
        .array(tie('composed'), { minLength: 1, maxLength: 3 })
        .map((criteria) => any({ criteria })),
      fc
        .array(tie('composed'), { minLength: 1, maxLength: 3 })
        .map((criteria) => all({ criteria })),
      tie('composed').map((criterion) => not({ criterion, width: 3 })),
      tie('composed').map((criterion) => atMost({ criterion, forks: 1 })),
      tie('composed').map((criterion) => coolDown({ criterion, turns: 2 })),
      tie('composed').map((criterion) => notBefore({ criterion, turn: 1 })),
    ),
  }));
  const path = fc
    .array(
      fc.record({
        text: fc.constantFrom('x', '<explore>x</explore>'),
        entropies: fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 3 }),
        requestedWidth: fc.constant(2),
        grantedWidth: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 5 },
    )
    .map((parts) => makePath(...parts));

  it('keep their maxWidth and decide the same for the same context', () => {
    fc.assert(
      fc.property(composed, path, fc.nat(), (criterion, turns, key) => {
        const decision = ask(criterion, turns, [key]);
        expect(Number.isInteger(decision.width)).toBe(true);
        expect(decision.width).toBeGreaterThanOrEqual(1);
        expect(decision.width).toBeLessThanOrEqual(criterion.maxWidth);
        expect(ask(criterion, turns, [key])).toEqual(decision);
      }),
      { numRuns: 1000 },
    );
  });

  it('obey De Morgan: not any is all not', () => {
    const deterministic = leaf.filter(({ id }) => !id.startsWith('fixed-probability'));
    fc.assert(
      fc.property(
        fc.array(deterministic, { minLength: 1, maxLength: 4 }),
        path,
        (criteria, turns) => {
          const left = not({ criterion: any({ criteria }) });
          const right = all({ criteria: criteria.map((criterion) => not({ criterion })) });
          expect(ask(left, turns).width).toBe(ask(right, turns).width);
        },
      ),
    );
  });
});

describe('wrong options', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['no criteria', () => any({ criteria: [] }), /^options of any: criteria/],
    [
      'something else for a criterion',
      () => all({ criteria: [never, {}] as never }),
      /criteria\.0: expected a criterion/,
    ],
    ['no criterion', () => not({} as never), /expected a criterion: \{ id, maxWidth, decide \}/],
    ['half a fork', () => atMost({ criterion: always(), forks: 0.5 }), /forks/],
    [
      'a turn before the first',
      () => notBefore({ criterion: always(), turn: -1 }),
      /turn.*found -1/,
    ],
    ['no turns', () => coolDown({ criterion: always(), turns: 0 }), /turns/],
    ['no signal', () => rankBy({ criterion: always() } as never), /signal/],
  ])('%s: refused', (_, make, message) => {
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(message);
  });
});
