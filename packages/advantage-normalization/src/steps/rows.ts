import type { Turn } from '@spark-rl/core';

import type { CopyWeight } from '../group/copy-weights.js';
import type { GroupLeaf } from '../group/group.js';

/** A turn as one leaf's path has it: what is a row in code that duplicates shared turns. */
export interface Row {
  /** The number of the leaf in its group. */
  readonly leaf: number;
  readonly turn: Turn;
  /** The place of the turn on the path. */
  readonly depth: number;
  /** What the copy counts. */
  readonly weight: number;
}

/** The rows of a group, leaf after leaf, and where those of each leaf start. */
export function rowsOf(
  group: readonly GroupLeaf[],
  weight: CopyWeight,
): { readonly rows: readonly Row[]; readonly starts: readonly number[] } {
  const rows: Row[] = [];
  const starts: number[] = [];
  for (const [leaf, { path }] of group.entries()) {
    starts.push(rows.length);
    for (const [depth, turn] of path.entries())
      rows.push({ leaf, turn, depth, weight: weight(leaf, turn) });
  }
  return { rows, starts };
}
