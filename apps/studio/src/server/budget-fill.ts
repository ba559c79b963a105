import type { Tree } from '@spark-rl/core';

import type { BudgetTurn } from '../shared/views.js';

/**
 * How the budget of leaves filled: after the responses of turn t there are M roots, and `grantedWidth - 1` more for each fork up to t.
 * Forks of a tree that another rule grew (an expansion, forks at the same turn) count where their children hang.
 *
 * @returns one entry a turn from 0 to the deepest, with leaves opened up to it
 */
export function budgetFill(tree: Pick<Tree, 'turns' | 'leaves'>): readonly BudgetTurn[] {
  const turns = [...tree.turns.values()];
  const depth = turns.reduce((deepest, { index }) => Math.max(deepest, index), -1) + 1;
  const roots = new Set(
    [...turns.map(({ id }) => id), ...tree.leaves.map(({ id }) => id)].map(
      (id) => id.split('.')[0]!,
    ),
  );
  const fill = Array.from({ length: depth }, (_, turn) => ({
    turn,
    opened: 0,
    forks: 0,
    refused: 0,
  }));
  for (const { index, requestedWidth, grantedWidth } of turns) {
    const entry = fill[index]!;
    entry.opened += grantedWidth - 1;
    if (grantedWidth > 1) entry.forks++;
    entry.refused += Math.max(0, requestedWidth - grantedWidth);
  }
  let opened = roots.size;
  for (const entry of fill) {
    opened += entry.opened;
    entry.opened = opened;
  }
  return fill;
}
