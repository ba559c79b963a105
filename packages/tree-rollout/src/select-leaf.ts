import { InvalidInputError, pathTo, type Leaf, type Tree, type Turn } from '@spark-rl/core';

/** A leaf that may be chosen, with the turns from its root to its end. */
export interface LeafCandidate {
  readonly leaf: Leaf;
  readonly path: readonly Turn[];
}

/** Chooses one of the paths of a tree at test time. Pure: the same tree gives the same leaf. */
export interface LeafRule {
  readonly id: string;
  /** @param candidates - in the order of their paths, at least one; @returns one of them, or null when none can be chosen */
  readonly choose: (candidates: readonly LeafCandidate[]) => LeafCandidate | null;
}

/**
 * Looks at one path: its leaf and the turns that led there. Whatever reads `leaf.outcome` or `leaf.score` uses what is known
 * only where success can be checked without the answer key.
 */
export type PathView<Value> = (leaf: Leaf, path: readonly Turn[]) => Value;

/**
 * Chooses the path that a grown tree answers with: test-time branching. Leaves lost to infrastructure, copies of other leaves
 * and paths without a turn are no candidates.
 *
 * @param tree - a finished tree, grown with as many leaves as the answer may cost
 * @param rule - `majorityVote`, `bestOf`, `firstPath`, or one of your own
 * @returns the chosen leaf; null when there is no candidate, or the rule can choose none
 * @throws InvalidInputError when a rule of your own gives something that it was not offered
 */
export function selectLeaf(tree: Pick<Tree, 'turns' | 'leaves'>, rule: LeafRule): Leaf | null {
  const candidates = tree.leaves.flatMap((leaf) =>
    leaf.outcome === 'failed' || leaf.copy !== undefined || leaf.tail === null
      ? []
      : [{ leaf, path: pathTo(tree, leaf.tail) }],
  );
  if (candidates.length === 0) return null;
  const chosen = rule.choose(candidates);
  if (chosen !== null && !candidates.includes(chosen)) {
    throw new InvalidInputError(`rule ${rule.id} chose a leaf that it was not offered`, {
      field: 'choose',
      value: (chosen as Partial<LeafCandidate>).leaf?.id,
      remedy: 'Return one of the given candidates, or null.',
    });
  }
  return chosen === null ? null : chosen.leaf;
}
