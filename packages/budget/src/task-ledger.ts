import { BudgetError, type LeafAccount, type Ledger } from '@spark-rl/core';

import type { TurnPurse } from './turn-purse.js';

const isWhole = (value: number, least: number): boolean =>
  Number.isInteger(value) && value >= least;

/** Opens the account of one task: N leaves, none of them opened, and the purse that pays for their turns. */
export function openLedger(leaves: number, task: string, purse?: TurnPurse): Ledger {
  let limit = leaves;
  let opened = false;
  let created = 0;
  let used = 0;
  let failed = 0;

  const running = (): number => created - used - failed;
  const account = (): LeafAccount => ({
    limit,
    used,
    reserved: running(),
    failed,
    free: limit - created,
  });
  /** How many leaves may be opened now: as many as are free, and as many as can pay their next turn. */
  const openable = (): number => Math.min(limit - created, purse?.payable() ?? Infinity);
  const create = (count: number): void => {
    created += count;
    purse?.hold(count);
  };
  const requireRunning = (wish: string): void => {
    if (running() > 0) return;
    throw new BudgetError(
      `task ${task}: cannot ${wish}: no leaf is running (${created} of ${limit} created, ${used} used, ${failed} failed)`,
      { field: 'reserved', value: 0, remedy: 'Open the roots first, and settle each leaf once.' },
    );
  };
  /** A leaf that ends must not leave its reservation behind: nobody would settle it. */
  const requireEnd = (wish: string): void => {
    requireRunning(wish);
    if (purse === undefined || purse.held() < running()) return;
    throw new BudgetError(
      `task ${task}: cannot ${wish}: the next turn of every running leaf is still reserved (${running()} running)`,
      {
        field: 'reserved',
        value: purse.held(),
        remedy: 'Settle its last turn first; one that was never taken cost 0 tokens and 0 steps.',
      },
    );
  };

  const ledger: Ledger = {
    account,
    openRoots: (count) => {
      if (opened) {
        throw new BudgetError(
          `task ${task}: ${created} roots of ${limit} leaves are already open`,
          {
            field: 'roots',
            value: count,
            remedy: 'Open the roots once; open a new ledger for another tree.',
          },
        );
      }
      if (!isWhole(count, 1) || count > limit) {
        throw new BudgetError(
          `task ${task}: ${count} roots do not fit a budget of ${limit} leaves`,
          {
            field: 'roots',
            value: count,
            remedy: `Give a whole number of roots from 1 to ${limit}, or more leaves.`,
          },
        );
      }
      const short = purse?.shortOf(count);
      if (short !== undefined) {
        const { name, most } = short;
        const { limit: all } = short.account();
        throw new BudgetError(
          `task ${task}: ${count} roots do not fit a budget of ${all} ${name}: their first turns may cost ${count * most} ${name}, ${most} each`,
          { field: name, value: all, remedy: `Give more ${name}, cheaper turns or fewer roots.` },
        );
      }
      opened = true;
      create(count);
    },
    branch: (width) => {
      if (!isWhole(width, 1)) {
        throw new BudgetError(`task ${task}: a fork of width ${width} was asked for`, {
          field: 'width',
          value: width,
          remedy: 'Ask for a whole number of children, at least 1.',
        });
      }
      requireRunning('fork');
      const granted = Math.min(width, openable() + 1);
      create(granted - 1);
      return granted;
    },
    open: (count) => {
      if (!isWhole(count, 0)) {
        throw new BudgetError(`task ${task}: ${count} further leaves were asked for`, {
          field: 'count',
          value: count,
          remedy: 'Ask for a whole number of leaves.',
        });
      }
      if (!opened) {
        throw new BudgetError(`task ${task}: further leaves were asked for before the roots`, {
          field: 'count',
          value: count,
          remedy: 'Open the roots first: a tree without them has nothing to grow from.',
        });
      }
      const granted = Math.min(count, openable());
      create(granted);
      return granted;
    },
    tighten: (wanted) => {
      if (!isWhole(wanted, created) || wanted > limit) {
        throw new BudgetError(`task ${task}: ${limit} leaves cannot become ${wanted}`, {
          field: 'leaves',
          value: wanted,
          remedy: `Give a whole number from the ${created} leaves created to ${limit}.`,
        });
      }
      limit = wanted;
    },
    complete: () => {
      requireEnd('complete a leaf');
      used++;
    },
    fail: () => {
      requireEnd('fail a leaf');
      failed++;
    },
  };
  if (purse === undefined) return ledger;

  const { accounts, reserve, settle, mayRefuse, reproducible } = purse;
  return {
    ...ledger,
    turns: {
      accounts,
      reserve: () => {
        requireRunning('reserve a turn');
        if (purse.held() === running()) {
          throw new BudgetError(
            `task ${task}: the next turn of every running leaf is already reserved (${running()} running)`,
            {
              field: 'reserved',
              value: purse.held(),
              remedy: 'Settle a turn before the one after it is reserved.',
            },
          );
        }
        return reserve();
      },
      settle,
      mayRefuse,
      reproducible,
    },
  };
}
