import { BudgetError, type Account } from '@spark-rl/core';

/** The account of one resource that turns spend, and what one turn may cost of it. */
export interface CountedResource {
  readonly name: 'tokens' | 'steps';
  /** The most that one turn may cost. */
  readonly most: number;
  readonly account: () => Account;
  /** How many further turns could be reserved now; Infinity when a turn costs nothing. */
  readonly payable: () => number;
  /** Reserves the most of each of `turns` turns. */
  readonly hold: (turns: number) => void;
  /** @throws BudgetError when a turn cannot have spent that; charges nothing */
  readonly check: (spent: number) => void;
  /** Ends one reservation: `spent` is used, or failed when the turn was lost; the rest of it is free again. */
  readonly settle: (spent: number, lost: boolean) => void;
}

/** Opens the account of one resource. All numbers are whole, so that the balance is exact. */
export function openResource(
  name: CountedResource['name'],
  limit: number,
  most: number,
  task: string,
): CountedResource {
  let used = 0;
  let reserved = 0;
  let failed = 0;
  const free = (): number => limit - used - reserved - failed;
  return {
    name,
    most,
    account: () => ({ limit, used, reserved, failed, free: free() }),
    payable: () => (most === 0 ? Infinity : Math.floor(free() / most)),
    hold: (turns) => {
      reserved += turns * most;
    },
    check: (spent) => {
      if (Number.isInteger(spent) && spent >= 0 && spent <= most) return;
      throw new BudgetError(
        `task ${task}: a turn spent ${spent} ${name}, of at most ${most} reserved for it`,
        {
          field: name,
          value: spent,
          remedy: `Settle a whole number of ${name} from 0 to ${most}, or open the ledger with the most that a turn really costs.`,
        },
      );
    },
    settle: (spent, lost) => {
      reserved -= most;
      if (lost) failed += spent;
      else used += spent;
    },
  };
}
