import { BudgetError, type Account, type TurnCost, type TurnLedger } from '@spark-rl/core';

import { openResource, type CountedResource } from './counted-resource.js';
import { openStopwatch, type Clock } from './stopwatch.js';

/** The limits of what turns cost. A resource without one is not counted. */
export interface TurnLimits {
  readonly tokens?: number | undefined;
  readonly steps?: number | undefined;
  readonly milliseconds?: number | undefined;
}

/** The part of a ledger that pays for turns, with what the part that counts leaves must know of it. */
export interface TurnPurse extends TurnLedger {
  /** How many further turns could be reserved now; 0 when the time is over. */
  readonly payable: () => number;
  /** The resource of which `turns` further turns may cost more than is free. Time is none: it cannot be set aside. */
  readonly shortOf: (turns: number) => CountedResource | undefined;
  /** Reserves `turns` turns, which must be payable. */
  readonly hold: (turns: number) => void;
  /** How many reservations are not settled. */
  readonly held: () => number;
}

/** Opens the accounts of what turns cost. */
export function openPurse(
  limits: TurnLimits,
  most: TurnCost,
  clock: Clock,
  task: string,
): TurnPurse {
  const { tokens, steps, milliseconds } = limits;
  const resources: CountedResource[] = [];
  if (tokens !== undefined) resources.push(openResource('tokens', tokens, most.tokens, task));
  if (steps !== undefined) resources.push(openResource('steps', steps, most.steps, task));
  const time = milliseconds === undefined ? undefined : openStopwatch(milliseconds, clock, task);
  let held = 0;

  const payable = (): number =>
    time?.().free === 0 ? 0 : Math.min(...resources.map((resource) => resource.payable()));
  const hold = (turns: number): void => {
    held += turns;
    for (const resource of resources) resource.hold(turns);
  };
  return {
    accounts: () => {
      const accounts: Partial<Record<'tokens' | 'steps' | 'milliseconds', Account>> = {};
      for (const { name, account } of resources) accounts[name] = account();
      if (time !== undefined) accounts.milliseconds = time();
      return accounts;
    },
    payable,
    shortOf: (turns) => resources.find((resource) => resource.payable() < turns),
    hold,
    held: () => held,
    reserve: () => {
      if (payable() < 1) return false;
      hold(1);
      return true;
    },
    settle: (spent, lost) => {
      if (held === 0) {
        throw new BudgetError(`task ${task}: a turn was settled that nothing is reserved for`, {
          field: 'reserved',
          value: 0,
          remedy: 'Settle every reservation once: the one a leaf opens with, and each one after.',
        });
      }
      for (const { name, check } of resources) check(spent[name]);
      held--;
      for (const { name, settle } of resources) settle(spent[name], lost);
    },
    mayRefuse: (turns) => turns > 0 && (time !== undefined || payable() < turns),
    reproducible: time === undefined,
  };
}
