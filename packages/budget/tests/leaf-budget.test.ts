import {
  BudgetError,
  createdLeaves,
  InvalidInputError,
  taskId,
  type LeafAccount,
  type Ledger,
  type Task,
} from '@spark-rl/core';
import fc from 'fast-check';

import { leafBudget } from '../src/index.js';

const task: Task = { id: taskId('t'), environment: 'e', split: 'train', data: null };
const turn = { tokens: 512, steps: 1 };
const open = (leaves: number): Ledger => leafBudget({ leaves }).open(task, turn);

const sum = ({ used, reserved, failed, free }: LeafAccount): number =>
  used + reserved + failed + free;

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

  it.each([{ leaves: 0 }, { leaves: 2.5 }, { leaves: '8' }, {}, { leaves: 8, roots: 4 }])(
    'refuses the options %j',
    (options) => {
      expect(() => leafBudget(options as never)).toThrow(InvalidInputError);
      expect(() => leafBudget(options as never)).toThrow(/^options of leafBudget.*Give `leaves`/s);
    },
  );
});

describe('at every moment', () => {
  const operations = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('roots' as const), count: fc.integer({ min: -1, max: 14 }) }),
      fc.record({ kind: fc.constant('branch' as const), count: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ kind: fc.constantFrom('complete', 'fail') }),
    ),
    { maxLength: 60 },
  );

  it('used + reserved + failed + free = limit, nothing is negative, created never falls, b_eff is the formula', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), operations, (leaves, calls) => {
        const ledger = open(leaves);
        for (const call of calls) {
          const before = ledger.account();
          const created = createdLeaves(before);
          let refused = false;
          try {
            if (call.kind === 'roots') ledger.openRoots(call.count);
            else if (call.kind === 'branch') {
              const granted = ledger.branch(call.count);
              expect(granted).toBe(Math.min(call.count, leaves - created + 1));
              expect(granted).toBeGreaterThanOrEqual(1);
              expect(createdLeaves(ledger.account())).toBe(created + granted - 1);
            } else if (call.kind === 'complete') ledger.complete();
            else ledger.fail();
          } catch (error) {
            expect(error).toBeInstanceOf(BudgetError);
            refused = true;
          }
          const after = ledger.account();
          expect(sum(after)).toBe(leaves);
          expect(after.limit).toBe(leaves);
          expect(Math.min(...Object.values<number>({ ...after }))).toBeGreaterThanOrEqual(0);
          expect(createdLeaves(after)).toBeGreaterThanOrEqual(created);
          if (refused) expect(after).toEqual(before);
        }
      }),
      { numRuns: 500 },
    );
  });
});
