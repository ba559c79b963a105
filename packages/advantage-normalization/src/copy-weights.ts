import type { Turn } from '@spark-rl/core';

import type { GroupLeaf } from './group.js';

/**
 * How much each copy of a shared turn counts. With k completed leaves below the turn:
 * - `mean`: 1 / k, so that every turn counts once;
 * - `sum`: 1, so that a turn counts k times, as in code that duplicates rows;
 * - `reach`: the product of 1 / b over the forks on the leaf's path, so that a turn counts the product of 1 / b over the forks above
 *   it. A tree is then an unbiased sample of the policy's own distribution.
 */
export type CopyWeights = 'mean' | 'sum' | 'reach';

/** Counts the group's leaves below every turn. Turns are told apart by identity: ids repeat from tree to tree. */
function countLeaves(group: readonly GroupLeaf[]): ReadonlyMap<Turn, number> {
  const counts = new Map<Turn, number>();
  for (const { path } of group) {
    for (const turn of path) counts.set(turn, (counts.get(turn) ?? 0) + 1);
  }
  return counts;
}

/**
 * The reach of every leaf: the product of 1 / b over the forks on its path, where b counts the ways on from a turn that at least one
 * completed leaf took. So the reaches of a tree add up to its roots.
 */
export function leafReaches(group: readonly GroupLeaf[]): readonly number[] {
  const waysOn = new Map<Turn, Set<Turn | GroupLeaf>>();
  for (const member of group) {
    for (const [i, turn] of member.path.entries()) {
      const ways = waysOn.get(turn) ?? new Set();
      waysOn.set(turn, ways.add(member.path[i + 1] ?? member));
    }
  }
  return group.map(({ path }) =>
    path.reduce((reach, turn) => reach / (waysOn.get(turn)?.size ?? 1), 1),
  );
}

/** The weight of the copy that leaf number `leaf` of the group gives to a turn on its path. */
export type CopyWeight = (leaf: number, turn: Turn) => number;

/** Weighs the copies of a group. */
export function copyWeight(group: readonly GroupLeaf[], weights: CopyWeights): CopyWeight {
  if (weights === 'sum') return () => 1;
  if (weights === 'reach') {
    const reaches = leafReaches(group);
    return (leaf) => reaches[leaf]!;
  }
  const counts = countLeaves(group);
  return (_, turn) => 1 / counts.get(turn)!;
}
