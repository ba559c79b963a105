import type { Turn } from '@spark-rl/core';

import { waysOn } from './copy-weights.js';
import type { GroupLeaf } from './group.js';

/**
 * A stretch of turns without a fork in it: from a root or a fork's child to the next fork or the end. What tree methods on token
 * segments call a node. All its turns have the same leaves below them.
 */
export interface Branch {
  readonly turns: readonly Turn[];
  /** The last turn before the fork that opened it; null where it starts at the initial state. */
  readonly fork: Turn | null;
  /** How many completed leaves are below it. */
  readonly leaves: number;
}

/** Cuts the paths of a group into branches, in the order of the leaves. */
export function branchesOf(group: readonly GroupLeaf[]): readonly Branch[] {
  const ways = waysOn(group);
  const branches = new Map<Turn, { turns: Turn[]; fork: Turn | null; leaves: number }>();
  for (const { path } of group) {
    let current: { turns: Turn[]; fork: Turn | null; leaves: number } | undefined;
    for (const [i, turn] of path.entries()) {
      const before = path[i - 1] ?? null;
      if (before === null || ways.get(before)!.size > 1) {
        current = branches.get(turn);
        if (current === undefined) {
          current = { turns: [], fork: before, leaves: 0 };
          branches.set(turn, current);
        }
        current.leaves += 1;
      }
      if (current!.leaves === 1) current!.turns.push(turn);
    }
  }
  return [...branches.values()];
}
