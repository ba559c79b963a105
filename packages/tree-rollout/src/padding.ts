import {
  childId,
  completedLeaves,
  leafId,
  randomSource,
  type Leaf,
  type NodeId,
  type RandomKey,
  type Tree,
} from '@spark-rl/core';

/**
 * The copies that fill a group up to N leaves, as the published code does: drawn uniformly with replacement from the leaves that
 * are there. None when nothing was completed.
 */
export function paddingOf(tree: Tree, key: RandomKey): readonly Leaf[] {
  const group = completedLeaves(tree);
  if (group.length === 0) return [];
  const random = randomSource([...key, 'padding']);
  const taken = new Set<string>([...tree.turns.keys(), ...tree.leaves.map(({ id }) => id)]);
  const copies = new Map<string, number>();
  for (const { copy } of group)
    if (copy !== undefined) copies.set(copy.of, (copies.get(copy.of) ?? 0) + 1);
  return Array.from({ length: tree.account.limit - group.length }, () => {
    const drawn = random.pick(group);
    const of = drawn.copy?.of ?? drawn.id;
    let number = (copies.get(of) ?? 0) + 1;
    // Where a budget ended the path an expansion may have gone on from there: those ids are taken.
    while (taken.has(childId(of as string as NodeId, number))) number++;
    copies.set(of, number);
    const id = leafId(childId(of as string as NodeId, number));
    return { ...drawn, id, copy: { of, reason: 'padding' } };
  });
}
