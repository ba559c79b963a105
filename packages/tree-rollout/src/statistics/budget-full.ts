import { createdLeaves, type Tree } from '@spark-rl/core';

/**
 * The first turn index t such that with the leaves opened at turns 0 to t the budget was full (created = N); null when some leaf
 * stayed free. Roots count at turn 0, also those that an adaptive plan or an expansion added. A leaf counts at the turn that was
 * granted it, whether its own first turn is that one (`forkAt: 'same-turn'`) or the next; so does the child that an expansion
 * added, though it came later: the number says where in the tree the budget went, not when.
 */
export function budgetFullAt({ account, turns }: Tree): number | null {
  if (createdLeaves(account) < account.limit) return null;
  let last = 0;
  for (const { index, grantedWidth } of turns.values())
    if (grantedWidth > 1 && index > last) last = index;
  return last;
}
