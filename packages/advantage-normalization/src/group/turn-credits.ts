import type { CreditCopy, Tree, Turn, TurnCredit } from '@spark-rl/core';

import { copyWeight, type CopyWeights } from './copy-weights.js';
import type { GroupLeaf } from './group.js';

/** What is taken off for a turn that did nothing. */
export interface Penalties {
  /** For a response that breaks the grammar. */
  readonly invalidPenalty: number;
  /** For a well-formed action that was not admissible; where nobody asked, none. */
  readonly unavailablePenalty: number;
}

/** What a turn is fined. An invalid response has no action of its own, so it is never fined twice. */
export function penaltyOf(turn: Turn, { invalidPenalty, unavailablePenalty }: Penalties): number {
  if (!turn.response.valid) return invalidPenalty;
  return turn.admissible === false ? unavailablePenalty : 0;
}

/** Lists what is known of turns as credits: in the order of the trees and of their turns, what has no copies left out. */
function inOrder(
  trees: readonly Tree[],
  copiesOf: (turn: Turn) => readonly CreditCopy[] | undefined,
): readonly TurnCredit[] {
  return trees.flatMap((tree) =>
    [...tree.turns.values()].flatMap((turn) => {
      const copies = copiesOf(turn);
      return copies === undefined ? [] : [{ tree: tree.id, node: turn.id, copies }];
    }),
  );
}

/**
 * Gives every turn a copy from each leaf of the group below it. Turns stand in the order of their trees, copies in the order of the
 * leaves; turns with no completed leaf below them are left out.
 *
 * @param credit - the copy of the leaf with this number to the turn at this place of its path
 */
export function creditTurns(
  trees: readonly Tree[],
  group: readonly GroupLeaf[],
  credit: (leaf: number, turn: Turn, depth: number) => Omit<CreditCopy, 'leaf'>,
): readonly TurnCredit[] {
  const copies = new Map<Turn, CreditCopy[]>();
  for (const [i, { leaf, path }] of group.entries()) {
    for (const [depth, turn] of path.entries()) {
      const list = copies.get(turn) ?? [];
      copies.set(turn, list);
      list.push({ leaf: leaf.id, ...credit(i, turn, depth) });
    }
  }
  return inOrder(trees, (turn) => copies.get(turn));
}

/**
 * Gives every turn one copy for all leaves below it, with the weight that their copies would have together: 1 with `mean`, k with `sum`,
 * the product of 1 / b over the forks above the turn with `reach`. Turns whose advantage is undefined are left out.
 */
export function creditOnce(
  trees: readonly Tree[],
  group: readonly GroupLeaf[],
  weights: CopyWeights,
  advantage: (turn: Turn) => number | undefined,
): readonly TurnCredit[] {
  const weight = copyWeight(group, weights);
  const totals = new Map<Turn, number>();
  for (const [i, { path }] of group.entries()) {
    for (const turn of path) {
      totals.set(turn, weights === 'mean' ? 1 : (totals.get(turn) ?? 0) + weight(i, turn));
    }
  }
  return inOrder(trees, (turn) => {
    const total = totals.get(turn);
    const value = total === undefined ? undefined : advantage(turn);
    return value === undefined ? undefined : [{ advantage: value, weight: total! }];
  });
}
