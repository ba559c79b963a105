import {
  completedLeaves,
  leavesBelow,
  pathTo,
  siblingPairs,
  type Leaf,
  type NodeId,
  type SiblingPair,
  type SiblingPairOptions,
  type TaskId,
  type Tree,
  type Turn,
} from '@spark-rl/core';
import type { SequenceRow } from '@spark-rl/tensor';

import { packPath } from '../pack-turns.js';

/**
 * A preference in tokens. Each side is a response or a trajectory: one row, or several where its prompts are windows; its log-probability
 * is the sum over the targets of all its rows.
 */
export interface PreferencePair {
  readonly task: TaskId;
  readonly chosen: readonly SequenceRow[];
  readonly rejected: readonly SequenceRow[];
}

/** What is compared at a fork. */
export interface SiblingPreferenceOptions extends SiblingPairOptions {
  /**
   * `turn`: the responses of the two siblings alone; their prompts are equal, so nothing but the response differs. `path`: all that
   * follows, from the sibling to the best leaf below the winner and the worst below the loser. Default `turn`.
   */
  readonly level?: 'turn' | 'path';
}

const success = (leaf: Leaf): number => (leaf.outcome === 'success' ? 1 : 0);
const tokensOf = (path: readonly Turn[]) =>
  path.map(({ generation: { promptTokens, responseTokens }, index }) => ({
    promptTokens,
    responseTokens,
    index,
  }));

/** The turns of a path as rows, trained from turn `from` on (and before turn `to`). */
export const trajectoryRows = (
  path: readonly Turn[],
  from = 0,
  to = Infinity,
): readonly SequenceRow[] => packPath(tokensOf(path.slice(0, to)), ({ index }) => index >= from);

/** The leaf below `node` that ranks highest; of equal ones the first. */
function leafBelow(
  below: ReadonlyMap<NodeId, readonly Leaf[]>,
  node: NodeId,
  rank: (leaf: Leaf) => number,
): Leaf {
  return below
    .get(node)!
    .filter(({ copy }) => copy === undefined)
    .reduce((best, leaf) => (rank(leaf) > rank(best) ? leaf : best));
}

function preferencesOf(tree: Tree, options: SiblingPreferenceOptions): PreferencePair[] {
  const { level = 'turn', value = success, ...rest } = options;
  const below = leavesBelow(tree);
  const rowsOf = (node: NodeId, tail: NodeId): readonly SequenceRow[] =>
    trajectoryRows(pathTo(tree, tail), tree.turns.get(node)!.index);
  const turnRows = (node: NodeId): readonly SequenceRow[] =>
    packPath(tokensOf([tree.turns.get(node)!]));
  const rows = ({ winner, loser }: SiblingPair): readonly (readonly SequenceRow[])[] => {
    if (level === 'turn') return [turnRows(winner), turnRows(loser)];
    const best = leafBelow(below, winner, value);
    const worst = leafBelow(below, loser, (leaf) => -value(leaf));
    return [rowsOf(winner, best.tail!), rowsOf(loser, worst.tail!)];
  };
  return siblingPairs(tree, { ...rest, value }).flatMap((pair) => {
    const [chosen = [], rejected = []] = rows(pair);
    // A policy that reports no tokens has nothing to train.
    if (chosen.length === 0 || rejected.length === 0) return [];
    return [{ task: tree.task.id, chosen, rejected }];
  });
}

/**
 * Preferences that trees hold at their forks: winner and loser start from the same state with the same prompt, so their difference is
 * their own doing. Free data for {@link preferenceTrainer}; no judge is asked.
 */
export const siblingPreferences = (
  trees: readonly Tree[],
  options: SiblingPreferenceOptions = {},
): readonly PreferencePair[] => trees.flatMap((tree) => preferencesOf(tree, options));

/** The completed leaves of a tree that are paths of their own. */
export const ownLeaves = (tree: Tree): readonly Leaf[] =>
  completedLeaves(tree).filter(({ copy, tail }) => copy === undefined && tail !== null);
