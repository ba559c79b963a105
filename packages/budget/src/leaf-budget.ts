import { parseInput, type Budget } from '@spark-rl/core';
import { z } from 'zod';

import { openLedger } from './task-ledger.js';

const leafBudgetOptions = z.strictObject({ leaves: z.int().min(1) });

/** N, the most leaves that one task may ever open. */
export type LeafBudgetOptions = z.input<typeof leafBudgetOptions>;

/**
 * The budget of SPARK: at most N leaves for a task, counted when they are opened, so that finished and failed ones stay
 * charged. A fork is granted b_eff = min(b, N - created + 1) children (paper Eq. 7): the path itself goes on as child 1, so
 * b_eff - 1 leaves are opened; when nothing is free it goes on alone. Always `used + reserved + failed + free = N`. Turns cost
 * nothing; see {@link taskBudget} for budgets that also count tokens, steps and time.
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
