import {
  completedLeaves,
  InvalidInputError,
  pathTo,
  type Leaf,
  type Tree,
  type Turn,
} from '@spark-rl/core';

/** A completed leaf of a group, what it earned, and the turns that led to it. */
export interface GroupLeaf {
  readonly tree: Tree;
  readonly leaf: Leaf;
  readonly reward: number;
  /** The turns from the root to the leaf. */
  readonly path: readonly Turn[];
}

/** A reward of 1 for success and 0 for anything else. */
export const successReward = (leaf: Leaf): number => (leaf.outcome === 'success' ? 1 : 0);

/**
 * The group of a task: the completed leaves of its trees, failed ones left out.
 *
 * @throws InvalidInputError naming the tree when the trees are not of one task or share an id, and the leaf when its reward is not
 *   a finite number or its path is broken
 */
export function groupLeaves(
  trees: readonly Tree[],
  reward: (leaf: Leaf) => number,
): readonly GroupLeaf[] {
  const [first] = trees;
  const seen = new Set<string>();
  return trees.flatMap((tree) => {
    if (tree.task.id !== first!.task.id || tree.task.environment !== first!.task.environment) {
      throw new InvalidInputError(
        `tree ${tree.id} is of task ${tree.task.id}, tree ${first!.id} is of task ${first!.task.id}`,
        {
          field: 'trees',
          value: tree.task.id,
          remedy: 'Estimate the trees of one task at a time.',
        },
      );
    }
    if (seen.has(tree.id)) {
      throw new InvalidInputError(`tree ${tree.id} is given twice`, {
        field: 'trees',
        value: tree.id,
        remedy: 'Give every tree once, each under an id of its own.',
      });
    }
    seen.add(tree.id);
    return completedLeaves(tree).map((leaf) => {
      const earned = reward(leaf);
      if (!Number.isFinite(earned)) {
        throw new InvalidInputError(
          `the reward of leaf ${leaf.id} of tree ${tree.id} is ${earned}`,
          { field: 'reward', value: earned, remedy: 'Return a finite number for every leaf.' },
        );
      }
      if (leaf.tail !== null && !tree.turns.has(leaf.tail)) {
        throw new InvalidInputError(
          `leaf ${leaf.id} of tree ${tree.id} ends at turn ${leaf.tail}, which is not in the tree`,
          { field: 'trees', value: leaf.tail, remedy: 'Give whole trees.' },
        );
      }
      return {
        tree,
        leaf,
        reward: earned,
        path: leaf.tail === null ? [] : pathTo(tree, leaf.tail),
      };
    });
  });
}
