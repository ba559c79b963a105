import {
  InvalidInputError,
  leavesBelow,
  type Leaf,
  type NodeId,
  type TurnCredit,
} from '@spark-rl/core';

import type { ExportedTree } from './exported-tree.js';

/** What a turn's credit comes to: one advantage, and how much it counts. */
export interface TurnAdvantage {
  /** sum w A / sum w over the copies. */
  readonly advantage: number;
  /** sum w. */
  readonly weight: number;
}

/** The weighted mean of the copies; null where there is none. */
export function advantageOf(credit: TurnCredit | undefined): TurnAdvantage | null {
  if (credit === undefined || credit.copies.length === 0) return null;
  const weight = credit.copies.reduce((sum, copy) => sum + copy.weight, 0);
  const total = credit.copies.reduce((sum, copy) => sum + copy.weight * copy.advantage, 0);
  return { advantage: total / weight, weight };
}

/** Credits by turn, refused where they are of another tree. */
export function creditsByNode({
  tree,
  credits = [],
}: ExportedTree): ReadonlyMap<NodeId, TurnCredit> {
  for (const { tree: of, node } of credits) {
    if (of === tree.id && tree.turns.has(node)) continue;
    throw new InvalidInputError(
      `turn ${node} of tree ${of} is credited, but is not in tree ${tree.id}`,
      {
        field: 'credits',
        value: node,
        remedy: 'Give each tree its own credits.',
      },
    );
  }
  return new Map(credits.map((credit) => [credit.node, credit]));
}

/** The completed leaves below each turn that are paths of their own. */
export function ownLeavesBelow({ tree }: ExportedTree): ReadonlyMap<NodeId, readonly Leaf[]> {
  return new Map(
    [...leavesBelow(tree)].map(([node, leaves]) => [
      node,
      leaves.filter(({ copy }) => copy === undefined),
    ]),
  );
}

/** The share of leaves that succeeded; null where there are none. */
export const successShare = (leaves: readonly Leaf[]): number | null =>
  leaves.length === 0
    ? null
    : leaves.filter(({ outcome }) => outcome === 'success').length / leaves.length;
