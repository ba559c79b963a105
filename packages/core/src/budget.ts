import type { Task } from './environment.js';

/** How a task's leaves stand. Always `used + reserved + failed + free = limit`. */
export interface LeafAccount {
  /** N: the most leaves that may ever be opened. */
  readonly limit: number;
  /** Leaves that ended: success, failure or truncated. */
  readonly used: number;
  /** Leaves that were opened and are still running. */
  readonly reserved: number;
  /** Leaves lost to infrastructure; they stay charged. */
  readonly failed: number;
  /** Leaves that may still be opened. */
  readonly free: number;
}

/** The account of one task's budget. The only thing in a rollout that changes in place. */
export interface Ledger {
  readonly account: () => LeafAccount;
  /** Opens the M roots. Throws a BudgetError when they do not fit or were opened before. */
  readonly openRoots: (count: number) => void;
  /**
   * Asks for a fork into `width` children and reserves what is granted: b_eff = min(width, N - created + 1), where *created*
   * counts every leaf ever opened (paper Eq. 7). The path itself goes on as child 1, so b_eff - 1 leaves are reserved.
   *
   * @returns b_eff in [1, width]
   */
  readonly branch: (width: number) => number;
  /** Settles one running leaf that ended. */
  readonly complete: () => void;
  /** Settles one running leaf that was lost; it stays charged. */
  readonly fail: () => void;
}

/** Opens a ledger for a task. */
export interface Budget {
  readonly id: string;
  readonly open: (task: Task) => Ledger;
}

/** Leaves ever opened: finished, failed and running ones. */
export const createdLeaves = (account: LeafAccount): number =>
  account.used + account.failed + account.reserved;
