import type { Tree, TurnCredit } from '@spark-rl/core';

/** A finished tree, and what its turns are credited where that is known. */
export interface ExportedTree {
  readonly tree: Tree;
  readonly credits?: readonly TurnCredit[];
}

/** Trees one after another; given lazily, no more of them than one need be in memory. */
export type ExportedTrees = Iterable<ExportedTree> | AsyncIterable<ExportedTree>;

/** The rows of all trees, made tree by tree as they are asked for. */
export async function* rowsOf<Row>(
  trees: ExportedTrees,
  make: (exported: ExportedTree) => readonly Row[],
): AsyncGenerator<Row, void, undefined> {
  for await (const exported of trees) yield* make(exported);
}
