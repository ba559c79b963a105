import type { Task } from './environment.js';

/** How one resource of a task stands. Always `used + reserved + failed + free = limit`. */
export interface Account {
  /** The most that may ever be spent. */
  readonly limit: number;
  /** Spent on what came to its end. */
  readonly used: number;
  /** Set aside for what is still running. */
  readonly reserved: number;
  /** Lost to infrastructure; it stays charged. */
  readonly failed: number;
  /** What may still be spent. */
  readonly free: number;
}

/**
 * How a task's leaves stand; the limit is N. Used ones ended (success, failure or truncated), reserved ones are running, failed
 * ones were lost, free ones may still be opened.
 */
export type LeafAccount = Account;

/** What turns cost beside leaves. A resource that the budget does not count is absent. */
export interface TurnAccounts {
  /** Response tokens that were sampled. */
  readonly tokens?: Account;
  /** Steps of the environment. */
  readonly steps?: Account;
  /** Time since the ledger was opened; never reserved. */
  readonly milliseconds?: Account;
}

/** What one turn costs, or may cost at most. */
export interface TurnCost {
  readonly tokens: number;
  readonly steps: number;
}

/**
 * The part of a ledger that pays for turns. Every running leaf holds the reservation of its next turn: opening a leaf makes it,
 * `reserve` makes the one after, `settle` turns it into what was really spent.
 */
export interface TurnLedger {
  readonly accounts: () => TurnAccounts;
  /**
   * Reserves the most that a turn may cost, for a path that goes on.
   *
   * @returns false when that is not free: the path must end here
   */
  readonly reserve: () => boolean;
  /**
   * Settles one reservation: what was spent counts as used, or as failed when the turn was lost, and the rest is free again.
   *
   * @throws BudgetError when more was spent than a turn may cost, or nothing is reserved
   */
  readonly settle: (spent: TurnCost, lost: boolean) => void;
  /** Whether `turns` further reservations might not all be granted. */
  readonly mayRefuse: (turns: number) => boolean;
  /** Whether equal seeds give equal trees under this budget: not when it counts time. */
  readonly reproducible: boolean;
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
  /**
   * Opens up to `count` further leaves, which start anywhere in the tree and need no running path: further roots, and the
   * children that an {@link Expansion} chose.
   *
   * @returns how many were opened, in [0, count]
   */
  readonly open: (count: number) => number;
  /** Lowers N, for a task that may spend less. Not below what was created. */
  readonly tighten: (leaves: number) => void;
  /** Settles one running leaf that ended. */
  readonly complete: () => void;
  /** Settles one running leaf that was lost; it stays charged. */
  readonly fail: () => void;
  /** Present when turns cost something beside leaves. */
  readonly turns?: TurnLedger;
}

/** Opens a ledger for a task. */
export interface Budget {
  readonly id: string;
  /** @param mostOfATurn - the most that one turn of the rollout may cost */
  readonly open: (task: Task, mostOfATurn: TurnCost) => Ledger;
}

/** Leaves ever opened: finished, failed and running ones. */
export const createdLeaves = (account: LeafAccount): number =>
  account.used + account.failed + account.reserved;
