import {
  BudgetError,
  parseInput,
  type Budget,
  type LeafAccount,
  type Ledger,
} from '@spark-rl/core';
import { z } from 'zod';

const leafBudgetOptions = z.strictObject({ leaves: z.int().min(1) });

/** N, the most leaves that one task may ever open. */
export type LeafBudgetOptions = z.input<typeof leafBudgetOptions>;

/** Opens the account of one task: N leaves, none of them opened. */
function openLedger(leaves: number, task: string): Ledger {
  let limit = leaves;
  let opened = false;
  let created = 0;
  let used = 0;
  let failed = 0;

  const account = (): LeafAccount => ({
    limit,
    used,
    reserved: created - used - failed,
    failed,
    free: limit - created,
  });
  const requireRunning = (wish: string): void => {
    if (created - used - failed > 0) return;
    throw new BudgetError(
      `task ${task}: cannot ${wish}: no leaf is running (${created} of ${limit} created, ${used} used, ${failed} failed)`,
      { field: 'reserved', value: 0, remedy: 'Open the roots first, and settle each leaf once.' },
    );
  };
  return {
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
      if (!Number.isInteger(count) || count < 1 || count > limit) {
        throw new BudgetError(
          `task ${task}: ${count} roots do not fit a budget of ${limit} leaves`,
          {
            field: 'roots',
            value: count,
            remedy: `Give a whole number of roots from 1 to ${limit}, or more leaves.`,
          },
        );
      }
      opened = true;
      created = count;
    },
    branch: (width) => {
      if (!Number.isInteger(width) || width < 1) {
        throw new BudgetError(`task ${task}: a fork of width ${width} was asked for`, {
          field: 'width',
          value: width,
          remedy: 'Ask for a whole number of children, at least 1.',
        });
      }
      requireRunning('fork');
      const granted = Math.min(width, limit - created + 1);
      created += granted - 1;
      return granted;
    },
    open: (count) => {
      if (!Number.isInteger(count) || count < 0) {
        throw new BudgetError(`task ${task}: ${count} further leaves were asked for`, {
          field: 'count',
          value: count,
          remedy: 'Ask for a whole number of leaves.',
        });
      }
      const granted = Math.min(count, limit - created);
      created += granted;
      return granted;
    },
    tighten: (wanted) => {
      if (!Number.isInteger(wanted) || wanted < created || wanted > limit) {
        throw new BudgetError(`task ${task}: ${limit} leaves cannot become ${wanted}`, {
          field: 'leaves',
          value: wanted,
          remedy: `Give a whole number from the ${created} leaves created to ${limit}.`,
        });
      }
      limit = wanted;
    },
    complete: () => {
      requireRunning('complete a leaf');
      used++;
    },
    fail: () => {
      requireRunning('fail a leaf');
      failed++;
    },
  };
}

/**
 * The budget of SPARK: at most N leaves for a task, counted when they are opened, so that finished and failed ones stay
 * charged. A fork is granted b_eff = min(b, N - created + 1) children (paper Eq. 7): the path itself goes on as child 1, so
 * b_eff - 1 leaves are opened; when nothing is free it goes on alone. Always `used + reserved + failed + free = N`.
 *
 * The paper says "current number of active leaf nodes"; only counting every leaf ever created keeps its own promise that a group
 * has at most N leaves, and its code counts so.
 *
 * @param options.leaves - N, a whole number of at least 1; the roots M must satisfy 1 <= M <= N
 * @throws InvalidInputError when `leaves` is not such a number; the ledger throws BudgetError
 * @see https://arxiv.org/abs/2601.20209 section 2.2
 */
export function leafBudget(options: LeafBudgetOptions): Budget {
  const { leaves } = parseInput(
    leafBudgetOptions,
    options,
    'options of leafBudget',
    'Give `leaves`, the most leaves a task may have, as a whole number of at least 1.',
  );
  return { id: `leaves(${leaves})`, open: (task) => openLedger(leaves, task.id) };
}
