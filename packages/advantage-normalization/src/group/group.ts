import {
  childrenOf,
  completedLeaves,
  InvalidInputError,
  pathTo,
  type Leaf,
  type Tree,
  type Turn,
} from '@spark-rl/core';

import type { LeafReward } from './rewards.js';

/** A completed leaf of a group, what it earned, and the turns that led to it. */
export interface GroupLeaf {
  readonly tree: Tree;
  readonly leaf: Leaf;
  readonly reward: number;
  /** The turns from the root to the leaf. */
  readonly path: readonly Turn[];
}

/** Refuses trees of several tasks in one group, and a tree given twice. */
function checkTask(trees: readonly Tree[]): void {
  const [first] = trees;
  const seen = new Set<string>();
  for (const tree of trees) {
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
  }
}

const FINISHED = 'Give finished trees: every path ends in a leaf, a lost one in a failed leaf.';

function checkLeaves(tree: Tree): void {
  if (tree.leaves.length > 0) return;
  throw new InvalidInputError(`tree ${tree.id} has no leaves`, {
    field: 'trees',
    value: tree.id,
    remedy: FINISHED,
  });
}

/** Refuses a tree in which a path has no end: its turns would silently be left out. */
function checkEnds(tree: Tree): void {
  const tails = new Set(tree.leaves.map((leaf) => leaf.tail));
  for (const turn of tree.turns.values()) {
    if (childrenOf(tree, turn).length > 0 || tails.has(turn.id)) continue;
    throw new InvalidInputError(
      `turn ${turn.id} of tree ${tree.id} has neither a child nor a leaf`,
      {
        field: 'trees',
        value: turn.id,
        remedy: FINISHED,
      },
    );
  }
}

/**
 * The group of a task: the completed leaves of its trees, failed ones left out. Copies of leaves, as profile `reference-code` makes
 * them, count like any other leaf.
 *
 * @throws InvalidInputError naming the tree when the trees are not of one task, share an id or have no leaves, and the node when a path
 *   has no end or its leaf's reward is not a finite number
 */
export function groupLeaves(trees: readonly Tree[], reward: LeafReward): readonly GroupLeaf[] {
  checkTask(trees);
  return trees.flatMap((tree) => {
    checkLeaves(tree);
    const members = completedLeaves(tree).map((leaf) => {
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
    checkEnds(tree);
    return members;
  });
}
