import { BudgetError, type Account } from '@spark-rl/core';

/** Reads a time in milliseconds since any fixed moment; one that never goes back, such as `performance.now`. */
export type Clock = () => number;

/**
 * Opens the account of the time since now. Time is spent by everyone at once and cannot be set aside or lost: used = min(elapsed,
 * limit) in whole milliseconds, reserved and failed are always 0. A clock that is set back stops the watch instead of giving time
 * back.
 *
 * @throws BudgetError, also later, when the clock shows no number
 */
export function openStopwatch(limit: number, clock: Clock, task: string): () => Account {
  const read = (): number => {
    const now = clock();
    if (Number.isFinite(now)) return now;
    throw new BudgetError(`task ${task}: the clock of its budget shows ${now}`, {
      field: 'clock',
      value: now,
      remedy: 'Give a clock that returns milliseconds, such as `() => performance.now()`.',
    });
  };
  const start = read();
  let used = 0;
  return () => {
    used = Math.max(used, Math.min(Math.floor(read() - start), limit));
    return { limit, used, reserved: 0, failed: 0, free: limit - used };
  };
}
