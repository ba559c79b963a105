import { InvalidInputError, type Tree, type Turn } from '@spark-rl/core';

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

/** The ways on from every turn that completed leaves took: its children, and each leaf that ends there. */
export function waysOn(
  group: readonly GroupLeaf[],
): ReadonlyMap<Turn, ReadonlySet<Turn | GroupLeaf>> {
  const ways = new Map<Turn, Set<Turn | GroupLeaf>>();
  for (const member of group) {
    for (const [i, turn] of member.path.entries()) {
      const taken = ways.get(turn) ?? new Set();
      ways.set(turn, taken.add(member.path[i + 1] ?? member));
    }
  }
  return ways;
}

function refuseReach(tree: Tree, why: string): never {
  throw new InvalidInputError(`tree ${tree.id} has no reach weights: ${why}`, {
    field: 'weights',
    value: 'reach',
    remedy: 'Choose weights "mean", or grow the trees with forks at the next turn only.',
  });
}

/**
 * The reach of every leaf: the product of 1 / b over the forks on its path, where b counts the ways on from a turn that at least one
 * completed leaf took. So the reaches of a tree add up to its roots.
 *
 * @throws InvalidInputError naming the tree when it was not grown by forks that were decided before what they opened
 */
export function leafReaches(group: readonly GroupLeaf[]): readonly number[] {
  for (const { tree } of group) {
    if (tree.settings['forkAt'] === 'same-turn') {
      refuseReach(
        tree,
        'where a fork samples the same turn again, how many siblings a turn has depends on its own response, and dividing by their number biases it',
      );
    }
    if (tree.settings['expansion'] !== undefined) {
      refuseReach(
        tree,
        'an expansion chooses where to grow when paths have ended, so how often a turn was continued depends on what came after it',
      );
    }
  }
  const ways = waysOn(group);
  return group.map(({ path }) => path.reduce((reach, turn) => reach / ways.get(turn)!.size, 1));
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
