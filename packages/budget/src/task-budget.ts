import { parseInput, type Budget } from '@spark-rl/core';
import { z } from 'zod';

import type { Clock } from './stopwatch.js';
import { openLedger } from './task-ledger.js';
import { openPurse } from './turn-purse.js';

const limit = z.int().min(1);

const taskBudgetOptions = z.strictObject({
  leaves: limit,
  tokens: limit.optional(),
  steps: limit.optional(),
  milliseconds: limit.optional(),
  clock: z
    .custom<Clock>((value) => typeof value === 'function', 'expected a function')
    .default(() => () => performance.now()),
});

const turnCost = z.strictObject({ tokens: z.int().min(0), steps: z.int().min(0) });

/** The most that one task may spend; what has no limit is not counted. */
export type TaskBudgetOptions = z.input<typeof taskBudgetOptions>;

/**
 * A budget of leaves, and of what turns cost: response tokens, environment steps and wall time, any of them, in one ledger. For
 * each resource always `used + reserved + failed + free = limit`, also after a refused call. Leaves are counted as
 * {@link leafBudget} counts them.
 *
 * **Tokens and steps.** A running leaf holds at most one *reservation*: the most that one turn may cost, set aside before the turn
 * begins, so that no turn can overdraw the account. A reservation is made
 * - with the leaf, for its first turn: `openRoots(M)` makes M and throws when they are not free; `branch` and `open` grant no more
 *   leaves than can be paid for. So b_eff = min(b, N - created + 1, floor(free / most) + 1) for every resource counted;
 * - by `turns.reserve()`, for the next turn of a path that goes on. Refused (false), the path ends here, truncated, and holds none.
 *
 * Every reservation is settled exactly once, and before the leaf that holds it: `turns.settle(spent, false)` when the turn was
 * taken; `settle(spent, true)` when it was lost on the way, with what it spent, or the most that it may have spent where nobody
 * knows; and when it was never begun (the path was lost before it, given up, or is a copy of a finished one),
 * `settle({ tokens: 0, steps: 0 }, true)`, where `lost` makes no difference. Only then `complete()` or `fail()`. A ledger
 * enforces this: it never holds more reservations than leaves are running, so that when all leaves have ended, reserved is 0
 * in every account.
 *
 * A scheduler that reserves the next turns of the running paths before it grants forks never ends a path for its sibling's sake.
 *
 * **Time** passes for all paths at once, from the moment the ledger is opened. It is never reserved: used = min(elapsed, limit)
 * in whole milliseconds. When it is over, `reserve` is false, `branch` grants 1 and `open` 0; turns under way come to their end,
 * so a task may overrun by one turn, and roots are opened whatever the time. Such trees depend on the machine: `reproducible` is
 * false and `mayRefuse` is true of any further turn. A rollout that is taken up again starts with a full clock.
 *
 * @param options.leaves - N, at least 1
 * @param options.tokens - the most response tokens of all turns of a task, at least 1
 * @param options.steps - the most environment steps of all turns of a task, at least 1
 * @param options.milliseconds - the most wall time of a task, at least 1
 * @param options.clock - tells the time in milliseconds; `performance.now` by default
 * @throws InvalidInputError when an option, or the cost of a turn that `open` is given, is no such whole number; the ledger
 *   throws BudgetError
 */
export function taskBudget(options: TaskBudgetOptions): Budget {
  const { leaves, clock, ...limits } = parseInput(
    taskBudgetOptions,
    options,
    'options of taskBudget',
    'Give `leaves`, and `tokens`, `steps` or `milliseconds` where they are limited, as whole numbers of at least 1.',
  );
  const counted = (['tokens', 'steps', 'milliseconds'] as const).filter(
    (name) => limits[name] !== undefined,
  );
  return {
    id: [`leaves(${leaves})`, ...counted.map((name) => `${name}(${limits[name]})`)].join('+'),
    open: (task, mostOfATurn) => {
      if (counted.length === 0) return openLedger(leaves, task.id);
      const most = parseInput(turnCost, mostOfATurn, `the most of a turn of task ${task.id}`);
      return openLedger(leaves, task.id, openPurse(limits, most, clock, task.id));
    },
  };
}
