import { InvalidInputError, type SpendingPlan } from '@spark-rl/core';

import { advance, type Advance } from './advance.js';
import type { LedgerView } from './decide.js';
import type { Growth } from './growth.js';
import { rootPaths } from './path.js';

const isCount = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

function checkPlan(
  rule: string,
  plan: SpendingPlan,
  probes: number,
  roots: number,
  leaves: number,
): SpendingPlan {
  const refuse = (field: keyof SpendingPlan, remedy: string): never => {
    throw new InvalidInputError(`spending rule ${rule} plans ${plan[field]} ${field}`, {
      field,
      value: plan[field],
      remedy,
    });
  };
  if (!isCount(plan.roots, probes, roots))
    refuse('roots', `Plan from ${probes} roots, which were looked at, to ${roots}, the setting.`);
  if (!isCount(plan.leaves, plan.roots, leaves))
    refuse('leaves', `Plan from ${plan.roots} leaves, the roots, to ${leaves}, the budget.`);
  if (!isCount(plan.width, 1, Infinity)) refuse('width', 'Plan a whole number of at least 1.');
  return plan;
}

/**
 * Asks the spending rule, when there is one, what the first turns of some roots say about the task; lowers N, limits B, and
 * opens the other roots, which take their first turn at once. A task whose roots were all lost gets no more.
 *
 * @returns how the first turns of the further roots went
 */
export async function spend<State>(
  growth: Growth<State>,
  advances: readonly Advance<State>[],
  view: LedgerView,
): Promise<readonly Advance<State>[]> {
  const { options, ledger, start, root } = growth;
  const { spending, settings } = options;
  if (spending === undefined) return [];
  const turns = advances.flatMap((advanced) => ('taken' in advanced ? [advanced.taken.turn] : []));
  if (turns.length === 0) return [];
  const { roots, leaves, width } = checkPlan(
    spending.id,
    spending.plan(turns),
    advances.length,
    settings.roots,
    ledger.account().limit,
  );
  ledger.tighten(leaves);
  growth.widest = width;
  const further = ledger.open(roots - advances.length);
  if (further === 0) return [];
  root.retain(further);
  const paths = rootPaths(growth.allot(null, further), start, root);
  return Promise.all(paths.map((path) => advance(growth, path, view)));
}
