import { taskId, type Account, type Ledger, type Task, type TurnCost } from '@spark-rl/core';

export const task: Task = { id: taskId('t'), environment: 'e', split: 'train', data: null };
export const turn: TurnCost = { tokens: 512, steps: 1 };

export const sum = ({ used, reserved, failed, free }: Account): number =>
  used + reserved + failed + free;

/** All accounts of a ledger, the leaves first. */
export const allAccounts = (ledger: Ledger): Account[] => [
  ledger.account(),
  ...Object.values<Account>({ ...ledger.turns?.accounts() }),
];

/** A clock that a test moves by hand. */
export function handClock(start = 0): {
  now: number;
  reads: number;
  readonly read: () => number;
} {
  const clock = {
    now: start,
    reads: 0,
    read: () => {
      clock.reads++;
      return clock.now;
    },
  };
  return clock;
}

/** What a call throws; undefined when it throws nothing. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}
