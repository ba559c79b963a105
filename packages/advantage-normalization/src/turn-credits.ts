import type { CreditCopy, Tree, Turn, TurnCredit } from '@spark-rl/core';

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

/**
 * Gives every turn a copy from each leaf of the group below it. Turns stand in the order of their trees, copies in the order of the
 * leaves; turns with no completed leaf below them are left out.
 */
export function creditTurns(
  trees: readonly Tree[],
  group: readonly GroupLeaf[],
  credit: (leaf: number, turn: Turn) => Omit<CreditCopy, 'leaf'>,
): readonly TurnCredit[] {
  const copies = new Map<Turn, CreditCopy[]>();
  for (const [i, { leaf, path }] of group.entries()) {
    for (const turn of path) {
      const list = copies.get(turn) ?? [];
      copies.set(turn, list);
      list.push({ leaf: leaf.id, ...credit(i, turn) });
    }
  }
  return trees.flatMap((tree) =>
    [...tree.turns.values()].flatMap((turn) => {
      const list = copies.get(turn);
      return list === undefined ? [] : [{ tree: tree.id, node: turn.id, copies: list }];
    }),
  );
}
