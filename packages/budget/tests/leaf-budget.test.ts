import { BudgetError, createdLeaves, InvalidInputError, type Ledger } from '@spark-rl/core';

import { leafBudget } from '../src/index.js';

import { task, turn } from './support.js';

const open = (leaves: number): Ledger => leafBudget({ leaves }).open(task, turn);

describe('leafBudget', () => {
  it('grants as the paper says, with N = 8, M = 4, B = 2', () => {
    const ledger = open(8);
    expect(ledger.account()).toEqual({ limit: 8, used: 0, reserved: 0, failed: 0, free: 8 });
    ledger.openRoots(4);
    expect(ledger.account()).toEqual({ limit: 8, used: 0, reserved: 4, failed: 0, free: 4 });
    expect([ledger.branch(2), ledger.branch(2), ledger.branch(2)]).toEqual([2, 2, 2]);
    // Created 7: min(2, 8 - 7 + 1) = 2. Created 8: min(2, 8 - 8 + 1) = 1.
    expect(createdLeaves(ledger.account())).toBe(7);
    expect(ledger.branch(2)).toBe(2);
    expect(createdLeaves(ledger.account())).toBe(8);
    expect(ledger.branch(2)).toBe(1);
    expect(ledger.account()).toEqual({ limit: 8, used: 0, reserved: 8, failed: 0, free: 0 });
  });

  it('clips a wide fork to what is left: N = 8, created 6, B = 5 gives 3', () => {
    const ledger = open(8);
    ledger.openRoots(6);
    expect(ledger.branch(5)).toBe(3);
  });

  it('gives nothing back when a leaf ends or is lost', () => {
    const ledger = open(3);
    ledger.openRoots(3);
    ledger.complete();
    ledger.fail();
    expect(ledger.account()).toEqual({ limit: 3, used: 1, reserved: 1, failed: 1, free: 0 });
    expect(ledger.branch(4)).toBe(1);
  });

  it('opens a separate account for every task', () => {
    const budget = leafBudget({ leaves: 2 });
    budget.open(task, turn).openRoots(2);
    expect(budget.open(task, turn).account().free).toBe(2);
    expect(budget.id).toBe('leaves(2)');
  });

  it.each([
    [9, /9 roots do not fit a budget of 8 leaves.*from 1 to 8/],
    [0, /0 roots do not fit a budget of 8 leaves/],
    [-1, /-1 roots/],
    [1.5, /1\.5 roots/],
  ])('refuses %p roots for 8 leaves, naming both numbers and the remedy', (roots, message) => {
    const ledger = open(8);
    expect(() => ledger.openRoots(roots)).toThrow(BudgetError);
    expect(() => ledger.openRoots(roots)).toThrow(message);
    // The refusal charged nothing.
    expect(ledger.account().free).toBe(8);
  });

  it('refuses to open roots twice', () => {
    const ledger = open(8);
    ledger.openRoots(4);
    expect(() => ledger.openRoots(2)).toThrow(/4 roots of 8 leaves are already open.*new ledger/);
    expect(ledger.account().reserved).toBe(4);
  });

  it('refuses to settle or fork where no leaf is running', () => {
    const ledger = open(2);
    expect(() => ledger.complete()).toThrow('cannot complete a leaf: no leaf is running');
    ledger.openRoots(2);
    ledger.complete();
    ledger.fail();
    expect(() => ledger.complete()).toThrow('2 of 2 created, 1 used, 1 failed');
    expect(() => ledger.fail()).toThrow('cannot fail a leaf');
    expect(() => ledger.branch(2)).toThrow('cannot fork');
    expect(ledger.account()).toEqual({ limit: 2, used: 1, reserved: 0, failed: 1, free: 0 });
  });

  it.each([0, -1, 1.5, NaN])('refuses a fork of width %p', (width) => {
    const ledger = open(8);
    ledger.openRoots(1);
    expect(() => ledger.branch(width)).toThrow(/whole number of children, at least 1/);
  });

  it('opens further leaves while there are any, running ones or not', () => {
    const ledger = open(5);
    ledger.openRoots(2);
    expect(ledger.open(2)).toBe(2);
    expect(ledger.account()).toEqual({ limit: 5, used: 0, reserved: 4, failed: 0, free: 1 });
    for (let i = 0; i < 4; i++) ledger.complete();
    expect([ledger.open(0), ledger.open(3), ledger.open(3)]).toEqual([0, 1, 0]);
    expect(ledger.account()).toEqual({ limit: 5, used: 4, reserved: 1, failed: 0, free: 0 });
  });

  it.each([-1, 0.5, NaN])('refuses to open %p further leaves', (count) => {
    expect(() => open(5).open(count)).toThrow(/further leaves.*whole number of leaves/);
  });

  it('opens no further leaves before the roots', () => {
    const ledger = open(4);
    expect(() => ledger.open(1)).toThrow(/before the roots.*Open the roots first/);
    ledger.openRoots(4);
    expect(ledger.account()).toEqual({ limit: 4, used: 0, reserved: 4, failed: 0, free: 0 });
  });

  it('lowers N for good: 8 become 6, and forks are clipped to what is left of 6', () => {
    const ledger = open(8);
    ledger.openRoots(4);
    ledger.tighten(6);
    expect(ledger.account()).toEqual({ limit: 6, used: 0, reserved: 4, failed: 0, free: 2 });
    expect(ledger.branch(9)).toBe(3);
    ledger.tighten(6);
    expect(() => ledger.tighten(8)).toThrow(/6 leaves cannot become 8/);
  });

  it.each([3, 9, 4.5, NaN])('refuses to make 8 leaves of which 4 are created %p', (wanted) => {
    const ledger = open(8);
    ledger.openRoots(4);
    expect(() => ledger.tighten(wanted)).toThrow(/from the 4 leaves created to 8/);
    expect(ledger.account().limit).toBe(8);
  });

  it.each([{ leaves: 0 }, { leaves: 2.5 }, { leaves: '8' }, {}, { leaves: 8, roots: 4 }])(
    'refuses the options %j',
    (options) => {
      expect(() => leafBudget(options as never)).toThrow(InvalidInputError);
      expect(() => leafBudget(options as never)).toThrow(/^options of leafBudget.*Give `leaves`/s);
    },
  );
});
