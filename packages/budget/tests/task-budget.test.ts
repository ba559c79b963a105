import { BudgetError, createdLeaves, InvalidInputError, type Ledger } from '@spark-rl/core';

import { leafBudget, taskBudget, type TaskBudgetOptions } from '../src/index.js';

import { allAccounts, handClock, sum, task, thrownBy, turn } from './support.js';

const open = (options: TaskBudgetOptions, most = turn): Ledger =>
  taskBudget(options).open(task, most);
const nothing = { tokens: 0, steps: 0 };
const spent = (tokens: number) => ({ tokens, steps: 1 });

describe('taskBudget of tokens', () => {
  it('keeps the worked account: 8 leaves, 4096 tokens, turns of at most 512', () => {
    const ledger = open({ leaves: 8, tokens: 4096 });
    const tokens = () => ledger.turns?.accounts().tokens;
    expect(tokens()).toEqual({ limit: 4096, used: 0, reserved: 0, failed: 0, free: 4096 });
    ledger.openRoots(4);
    expect(tokens()).toEqual({ limit: 4096, used: 0, reserved: 2048, failed: 0, free: 2048 });
    ledger.turns?.settle(spent(100), false);
    expect(tokens()).toEqual({ limit: 4096, used: 100, reserved: 1536, failed: 0, free: 2460 });
    expect(ledger.turns?.reserve()).toBe(true);
    expect(tokens()).toEqual({ limit: 4096, used: 100, reserved: 2048, failed: 0, free: 1948 });
    // floor(1948 / 512) = 3 further turns can be paid for, and 4 leaves are free: 5 children become 4.
    expect(ledger.branch(5)).toBe(4);
    expect(createdLeaves(ledger.account())).toBe(7);
    expect(tokens()).toEqual({ limit: 4096, used: 100, reserved: 3584, failed: 0, free: 412 });
    expect([ledger.branch(2), ledger.open(1)]).toEqual([1, 0]);
    ledger.turns?.settle(spent(30), true);
    ledger.fail();
    expect(tokens()).toEqual({ limit: 4096, used: 100, reserved: 3072, failed: 30, free: 894 });
    expect(ledger.account()).toEqual({ limit: 8, used: 0, reserved: 6, failed: 1, free: 1 });
    expect(ledger.open(3)).toBe(1);
  });

  it('refuses the next turn of a path when the most it may cost is not free, and charges nothing', () => {
    const ledger = open({ leaves: 4, tokens: 1000 });
    ledger.openRoots(1);
    ledger.turns?.settle(spent(488), false);
    // 512 are free: exactly one turn.
    expect(ledger.turns?.reserve()).toBe(true);
    ledger.turns?.settle(spent(1), false);
    expect(ledger.turns?.reserve()).toBe(false);
    ledger.complete();
    expect(ledger.turns?.accounts()).toEqual({
      tokens: { limit: 1000, used: 489, reserved: 0, failed: 0, free: 511 },
    });
  });

  it('takes a fork as wide as leaves and tokens allow, whichever is less', () => {
    const fork = (options: TaskBudgetOptions): number => {
      const ledger = open(options);
      ledger.openRoots(2);
      return ledger.branch(9);
    };
    expect(fork({ leaves: 6, tokens: 512 * 100 })).toBe(5);
    expect(fork({ leaves: 100, tokens: 512 * 6 })).toBe(5);
    expect(fork({ leaves: 100, tokens: 512 * 6 - 1 })).toBe(4);
    expect(fork({ leaves: 100, tokens: 512 * 100, steps: 6 })).toBe(5);
  });

  it.each([
    [{ leaves: 8, tokens: 2047 }, 'tokens', /4 roots do not fit a budget of 2047 tokens.*2048/],
    [{ leaves: 8, steps: 3 }, 'steps', /4 roots do not fit a budget of 3 steps.*may cost 4 steps/],
    [{ leaves: 3, tokens: 4 }, 'roots', /4 roots do not fit a budget of 3 leaves/],
  ])('refuses 4 roots of %j, naming the resource, and opens none', (options, field, message) => {
    const ledger = open(options);
    expect(() => ledger.openRoots(4)).toThrow(message);
    expect(thrownBy(() => ledger.openRoots(4))).toMatchObject({ field });
    expect(allAccounts(ledger).every(({ limit, free }) => free === limit)).toBe(true);
  });

  it('refuses to settle more than was reserved, in any resource, and charges nothing', () => {
    const ledger = open({ leaves: 8, tokens: 4096, steps: 40 });
    ledger.openRoots(4);
    const before = allAccounts(ledger);
    const settle = (tokens: number, steps: number) => () =>
      ledger.turns?.settle({ tokens, steps }, false);
    expect(settle(513, 1)).toThrow(/spent 513 tokens, of at most 512/);
    expect(settle(512, 2)).toThrow(/spent 2 steps, of at most 1/);
    expect(settle(-1, 1)).toThrow(BudgetError);
    expect(settle(0.5, 1)).toThrow(BudgetError);
    expect(settle(NaN, 1)).toThrow(BudgetError);
    expect(allAccounts(ledger)).toEqual(before);
    expect(settle(512, 1)).not.toThrow();
  });

  it('does not look at what it does not count', () => {
    const ledger = open({ leaves: 1, steps: 2 });
    ledger.openRoots(1);
    ledger.turns?.settle({ tokens: 9999, steps: 1 }, false);
    expect(ledger.turns?.accounts()).toEqual({
      steps: { limit: 2, used: 1, reserved: 0, failed: 0, free: 1 },
    });
  });

  it('never refuses a turn that costs nothing', () => {
    const ledger = open({ leaves: 9, tokens: 1 }, { tokens: 0, steps: 0 });
    ledger.openRoots(4);
    expect(ledger.branch(9)).toBe(6);
    expect(ledger.turns?.mayRefuse(1e6)).toBe(false);
  });
});

describe('the reservations of taskBudget', () => {
  it('end with the leaves: nothing is reserved when the last one has ended', () => {
    const ledger = open({ leaves: 4, tokens: 4096, steps: 40 });
    ledger.openRoots(2);
    // The first takes its turn and ends, the second is lost before its turn.
    ledger.turns?.settle(spent(20), false);
    ledger.complete();
    ledger.turns?.settle(nothing, true);
    ledger.fail();
    expect(allAccounts(ledger)).toEqual([
      { limit: 4, used: 1, reserved: 0, failed: 1, free: 2 },
      { limit: 4096, used: 20, reserved: 0, failed: 0, free: 4076 },
      { limit: 40, used: 1, reserved: 0, failed: 0, free: 39 },
    ]);
  });

  it('must be settled before their leaf is', () => {
    const ledger = open({ leaves: 2, tokens: 4096 });
    ledger.openRoots(1);
    expect(() => ledger.complete()).toThrow(/next turn of every running leaf is still reserved/);
    expect(() => ledger.fail()).toThrow(/cannot fail a leaf.*0 tokens and 0 steps/);
    expect(ledger.account()).toEqual({ limit: 2, used: 0, reserved: 1, failed: 0, free: 1 });
    ledger.turns?.settle(nothing, true);
    ledger.fail();
    expect(ledger.account().failed).toBe(1);
  });

  it('are at most one a running leaf', () => {
    const ledger = open({ leaves: 2, tokens: 4096 });
    expect(() => ledger.turns?.reserve()).toThrow('cannot reserve a turn: no leaf is running');
    ledger.openRoots(2);
    expect(() => ledger.turns?.reserve()).toThrow(/already reserved \(2 running\)/);
    ledger.turns?.settle(spent(1), false);
    expect(ledger.turns?.reserve()).toBe(true);
    expect(ledger.turns?.accounts().tokens?.reserved).toBe(1024);
  });

  it('are settled once', () => {
    const ledger = open({ leaves: 2, steps: 5 });
    expect(() => ledger.turns?.settle(nothing, false)).toThrow(/nothing is reserved for/);
    ledger.openRoots(1);
    ledger.turns?.settle(nothing, false);
    expect(() => ledger.turns?.settle(nothing, false)).toThrow(BudgetError);
  });

  it('can be foretold: mayRefuse is true of one more than can be paid for', () => {
    const ledger = open({ leaves: 8, tokens: 512 * 7 + 100, steps: 9 });
    expect([7, 8].map((turns) => ledger.turns?.mayRefuse(turns))).toEqual([false, true]);
    ledger.openRoots(2);
    expect([0, 5, 6].map((turns) => ledger.turns?.mayRefuse(turns))).toEqual([false, false, true]);
    ledger.turns?.settle({ tokens: 412, steps: 1 }, false);
    // 512 * 7 + 100 - 512 - 412 = 2760 are free: 5 turns.
    expect([5, 6].map((turns) => ledger.turns?.mayRefuse(turns))).toEqual([false, true]);
  });
});

describe('taskBudget of wall time', () => {
  const timed = (milliseconds = 100) => {
    const clock = handClock(5000.25);
    return { clock, ledger: open({ leaves: 8, milliseconds, clock: clock.read }) };
  };

  it('counts from the moment the ledger is opened, in whole milliseconds, and no further than the limit', () => {
    const { clock, ledger } = timed();
    const time = (now: number) => {
      clock.now = now;
      return ledger.turns?.accounts().milliseconds;
    };
    expect(time(5000.25)).toEqual({ limit: 100, used: 0, reserved: 0, failed: 0, free: 100 });
    expect(time(5030.5)).toEqual({ limit: 100, used: 30, reserved: 0, failed: 0, free: 70 });
    expect(time(9999)).toEqual({ limit: 100, used: 100, reserved: 0, failed: 0, free: 0 });
  });

  it('refuses every further turn when it is over, and lets those under way end', () => {
    const { clock, ledger } = timed();
    ledger.openRoots(2);
    ledger.turns?.settle(spent(1), false);
    clock.now += 99.9;
    expect([ledger.turns?.reserve(), ledger.branch(2), ledger.open(1)]).toEqual([true, 2, 1]);
    clock.now += 0.1;
    ledger.turns?.settle(spent(1), false);
    expect([ledger.turns?.reserve(), ledger.branch(2), ledger.open(1)]).toEqual([false, 1, 0]);
    ledger.complete();
    expect(ledger.account()).toEqual({ limit: 8, used: 1, reserved: 3, failed: 0, free: 4 });
  });

  it('opens the roots whatever the time: a tree has its roots', () => {
    const { clock, ledger } = timed();
    clock.now += 1000;
    ledger.openRoots(4);
    expect(ledger.account().reserved).toBe(4);
  });

  it('says that trees depend on the machine', () => {
    const { ledger } = timed();
    expect(ledger.turns?.reproducible).toBe(false);
    expect([0, 1].map((turns) => ledger.turns?.mayRefuse(turns))).toEqual([false, true]);
    expect(open({ leaves: 8, tokens: 600, steps: 9 }).turns?.reproducible).toBe(true);
  });

  it('gives no time back when the clock is set back', () => {
    const { clock, ledger } = timed();
    clock.now += 40;
    expect(ledger.turns?.accounts().milliseconds?.used).toBe(40);
    clock.now -= 4000;
    expect(ledger.turns?.accounts().milliseconds?.used).toBe(40);
  });

  it('refuses a clock that shows no number', () => {
    expect(() => open({ leaves: 1, milliseconds: 1, clock: () => NaN })).toThrow(
      /task t: the clock of its budget shows NaN.*performance\.now/,
    );
  });

  it('reads the real clock when it is given none', () => {
    const { milliseconds } = open({ leaves: 1, milliseconds: 1e9 }).turns!.accounts();
    expect(sum(milliseconds!)).toBe(1e9);
    expect(milliseconds!.free).toBeGreaterThan(0);
  });

  it('leaves the clock alone when time is not limited', () => {
    const clock = handClock();
    const ledger = open({ leaves: 1, tokens: 600, clock: clock.read });
    ledger.openRoots(1);
    ledger.turns?.accounts();
    expect(clock.reads).toBe(0);
  });
});

describe('the options of taskBudget', () => {
  it.each<[TaskBudgetOptions, string]>([
    [{ leaves: 8 }, 'leaves(8)'],
    [{ leaves: 8, tokens: 4096 }, 'leaves(8)+tokens(4096)'],
    [{ milliseconds: 30000, steps: 60, leaves: 8 }, 'leaves(8)+steps(60)+milliseconds(30000)'],
  ])('%j are called %p', (options, id) => {
    expect(taskBudget(options).id).toBe(id);
  });

  it('without a limit on turns it is leafBudget', () => {
    const ledger = open({ leaves: 8 });
    expect(ledger.turns).toBeUndefined();
    expect(taskBudget({ leaves: 8 }).id).toBe(leafBudget({ leaves: 8 }).id);
    ledger.openRoots(8);
    ledger.complete();
    expect(ledger.account()).toEqual({ limit: 8, used: 1, reserved: 7, failed: 0, free: 0 });
  });

  it('opens a separate ledger for every task', () => {
    const budget = taskBudget({ leaves: 2, tokens: 1024 });
    budget.open(task, turn).openRoots(2);
    expect(budget.open(task, turn).turns?.accounts().tokens?.free).toBe(1024);
  });

  it.each([
    [{}, 'leaves'],
    [{ leaves: 8, tokens: 0 }, 'tokens'],
    [{ leaves: 8, steps: 1.5 }, 'steps'],
    [{ leaves: 8, milliseconds: -1 }, 'milliseconds'],
    [{ leaves: 8, clock: 7 }, 'clock'],
  ])('refuses %j, naming %p', (options, field) => {
    const wrong = () => taskBudget(options as never);
    expect(wrong).toThrow(InvalidInputError);
    expect(thrownBy(wrong)).toMatchObject({ field });
  });

  it.each([
    { tokens: -1, steps: 1 },
    { tokens: 1.5, steps: 1 },
    { tokens: 1, steps: Infinity },
  ])('refuses a turn that may cost %j', (most) => {
    expect(() => taskBudget({ leaves: 1, tokens: 10 }).open(task, most)).toThrow(
      /the most of a turn of task t/,
    );
  });
});
