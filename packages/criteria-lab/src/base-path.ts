import { childId, childrenOf, rootId, type Tree, type Turn } from '@spark-rl/core';

/**
 * The base path of a probe: its one root path, from turn 0 to where it ended or was lost. Child 0 of a turn continues the path;
 * the other children are continuations that were added to measure it.
 */
export function basePath(tree: Pick<Tree, 'turns'>): readonly Turn[] {
  const path: Turn[] = [];
  let turn = childrenOf(tree, null).find(({ id }) => id === rootId(0));
  while (turn !== undefined) {
    path.push(turn);
    const next = childId(turn.id, 0);
    turn = childrenOf(tree, turn).find(({ id }) => id === next);
  }
  return path;
}
