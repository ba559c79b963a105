import { InvalidInputError } from '@spark-rl/core';

import {
  criterion,
  inadmissibleAction,
  invalidResponse,
  reasoningMode,
  turnSchedule,
  type CriterionOptions,
} from '../src/index.js';
import { ask, askAfter, contextOf, makePath, type TurnParts } from './make.js';

describe('what kind of response it was', () => {
  it('invalidResponse', () => {
    expect(askAfter(invalidResponse({ width: 3 }), { valid: false }).width).toBe(3);
    expect(askAfter(invalidResponse(), { valid: true }).width).toBe(1);
  });

  it.each([
    [false, 2],
    [true, 1],
    [null, 1],
  ])('inadmissibleAction: %j asks for %i', (admissible, width) => {
    expect(askAfter(inadmissibleAction(), { admissible }).width).toBe(width);
  });

  it.each<[string, TurnParts, number]>([
    ['a listed mode', { mode: 'reflection' }, 2],
    ['another mode', { mode: 'think' }, 1],
    ['another case', { mode: 'Reflection' }, 1],
    ['no mode', { mode: null }, 1],
    ['a listed mode in an invalid response', { mode: 'reflection', valid: false }, 1],
  ])('reasoningMode: %s', (_, parts, width) => {
    expect(askAfter(reasoningMode({ modes: ['explore', 'reflection'] }), parts).width).toBe(width);
  });

  it('name themselves', () => {
    expect(invalidResponse().id).toBe('invalid-response(2)');
    expect(inadmissibleAction({ width: 4 }).id).toBe('inadmissible-action(4)');
    expect(reasoningMode({ modes: ['a', 'b'] }).id).toBe('reasoning-mode(a|b,2)');
  });
});

describe('turnSchedule', () => {
  const widths = (options: Parameters<typeof turnSchedule>[0]): readonly number[] =>
    [0, 1, 2, 3, 4, 5, 6, 7].map(
      (index) => turnSchedule(options).decide(contextOf(makePath({ index }))).width,
    );

  it('follows a table', () => {
    expect(widths({ widths: { 0: 2, 5: 3 } })).toEqual([2, 1, 1, 1, 1, 3, 1, 1]);
    expect(turnSchedule({ widths: { 0: 2, 5: 3 } }).maxWidth).toBe(3);
    expect(turnSchedule({ widths: { 0: 2, 5: 3 } }).id).toBe('turn-schedule(0:2,5:3)');
  });

  it('follows a period', () => {
    expect(widths({ every: 3 })).toEqual([2, 1, 1, 2, 1, 1, 2, 1]);
    expect(widths({ every: 3, from: 2, width: 4 })).toEqual([1, 1, 4, 1, 1, 4, 1, 1]);
    expect(turnSchedule({ every: 3, from: 2, width: 4 }).id).toBe(
      'turn-schedule(every 3 from 2,4)',
    );
  });

  it('can be empty, and then says that it never asks', () => {
    expect(turnSchedule({ widths: {} }).maxWidth).toBe(1);
    expect(widths({ widths: {} })).toEqual(new Array(8).fill(1));
  });

  it.each<[string, () => unknown, RegExp]>([
    ['a key that is no turn', () => turnSchedule({ widths: { first: 2 } }), /widths\.first/],
    ['a negative turn', () => turnSchedule({ widths: { '-1': 2 } }), /widths\.-1/],
    ['a width of 0', () => turnSchedule({ widths: { 1: 0 } }), /widths\.1.*found 0/],
    ['a period of 0', () => turnSchedule({ every: 0 }), /every/],
    ['a table with a period', () => turnSchedule({ every: 2, widths: {} }), /widths/],
    ['nothing', () => turnSchedule({} as never), /widths/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(message);
  });
});

describe('criterion', () => {
  const make = (options: Partial<CriterionOptions>) =>
    criterion({ id: 'mine', asks: () => true, ...options });

  it('makes a criterion of one function', () => {
    const early = criterion({ id: 'early', asks: ({ turnIndex }) => turnIndex < 1 });
    expect(ask(early, makePath({}))).toEqual({ width: 2 });
    expect(ask(early, makePath({}, {}))).toEqual({ width: 1 });
    expect([early.id, early.maxWidth, early.want]).toEqual(['early', 2, undefined]);
  });

  it('takes widths, wants and a priority', () => {
    const mine = make({
      maxWidth: 4,
      asks: ({ turnIndex }) => turnIndex + 1,
      want: { entropies: true },
      priority: ({ turn }) => turn.next.score,
    });
    expect(mine.want).toEqual({ entropies: true });
    expect(ask(mine, makePath({ score: 5 }))).toEqual({ width: 1 });
    expect(ask(mine, makePath({}, {}, { score: 5 }))).toEqual({ width: 3, priority: 5 });
  });

  it.each([0, 3, 1.5, NaN])('refuses a width of %d when it may be 2', (width) => {
    expect(() => ask(make({ asks: () => width }), makePath({}))).toThrow(InvalidInputError);
    expect(() => ask(make({ asks: () => width }), makePath({}))).toThrow(
      /criterion mine asked for/,
    );
  });

  it.each<[string, Partial<CriterionOptions>, RegExp]>([
    ['no name', { id: '' }, /^options of criterion: id/],
    ['no function', { asks: true as never }, /asks: expected a function/],
    ['an unknown want', { want: { logits: true } as never }, /want: .*logits/],
    ['a width of 0', { maxWidth: 0 }, /maxWidth/],
  ])('refuses %s', (_, options, message) => {
    expect(() => make(options)).toThrow(InvalidInputError);
    expect(() => make(options)).toThrow(message);
  });
});
