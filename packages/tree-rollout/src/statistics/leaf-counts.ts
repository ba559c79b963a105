import type { Leaf, NodeId, Tree } from '@spark-rl/core';

/** Leaves that ended paths of their own: copies and those lost to infrastructure left out. */
export const ownLeaves = (tree: Tree): readonly Leaf[] =>
  tree.leaves.filter(({ outcome, copy }) => outcome !== 'failed' && copy === undefined);

/** How many of `leaves` stand below each turn; turns with none have no entry. */
export function countBelow(tree: Tree, leaves: readonly Leaf[]): ReadonlyMap<NodeId, number> {
  const counts = new Map<NodeId, number>();
  const add = (node: NodeId | null, count: number): void => {
    if (node !== null && count > 0) counts.set(node, (counts.get(node) ?? 0) + count);
  };
  for (const { tail } of leaves) add(tail, 1);
  // Turns stand in the order of their paths, so backwards every turn comes before its parent.
  for (const turn of [...tree.turns.values()].reverse()) add(turn.parent, counts.get(turn.id) ?? 0);
  return counts;
}
