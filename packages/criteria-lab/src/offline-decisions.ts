import {
  InvalidInputError,
  randomSource,
  type BranchingCriterion,
  type BranchingDecision,
  type LeafAccount,
  type NodeId,
  type RandomKey,
  type Tree,
  type Turn,
} from '@spark-rl/core';

import { basePath } from './base-path.js';

/** What a criterion says after one turn of a base path. */
export interface OfflineDecision {
  readonly node: NodeId;
  readonly width: number;
  /** Present where the criterion gives one. */
  readonly priority?: number;
}

/**
 * What turns are ranked by: the priority where there is one. Without, a turn that asks for a fork has 0, as arbiters take it, and
 * one that does not stands below all others.
 */
export const rankingScore = ({ width, priority }: OfflineDecision): number =>
  priority ?? (width > 1 ? 0 : -Infinity);

/** The rollout that is played. */
export interface OfflineRollout {
  readonly maxTurns: number;
  /** N */
  readonly leaves: number;
  /** M */
  readonly roots: number;
  /** What the rollout's randomness starts from. */
  readonly seed: RandomKey;
}

/**
 * Asks a criterion about every turn of a base path after which it could fork, as a rollout would: turn by turn, with the path so
 * far as that criterion's own forks would have left it, all N - M leaves free, and the random stream
 * `[...seed, 'task', task, 'node', node, 'criterion']`. What it may read of a response must have been recorded (`observer`).
 *
 * @throws InvalidInputError when the criterion asks for a width outside [1, maxWidth] or gives a priority that is no number
 */
export function offlineDecisions(
  criterion: BranchingCriterion,
  tree: Tree,
  { maxTurns, leaves, roots, seed }: OfflineRollout,
): readonly OfflineDecision[] {
  const account: LeafAccount = {
    limit: leaves,
    used: 0,
    reserved: roots,
    failed: 0,
    free: leaves - roots,
  };
  const path: Turn[] = [];
  const decisions: OfflineDecision[] = [];
  for (const probed of basePath(tree)) {
    const { status } = probed.next;
    if (status !== 'running' || probed.index + 1 >= maxTurns) break;
    const turn: Turn = { ...probed, requestedWidth: 1, grantedWidth: 1 };
    const { width, priority }: BranchingDecision =
      criterion.maxWidth <= 1
        ? { width: 1 }
        : criterion.decide({
            turn,
            path: [...path, turn],
            turnIndex: turn.index,
            maxTurns,
            status,
            account,
            resources: {},
            random: randomSource([...seed, 'task', tree.task.id, 'node', turn.id, 'criterion']),
          });
    if (!Number.isInteger(width) || width < 1 || width > criterion.maxWidth) {
      throw new InvalidInputError(
        `criterion ${criterion.id} asked for ${width} children at turn ${turn.id}`,
        {
          field: 'width',
          value: width,
          remedy: `Ask for a whole number from 1 to its maxWidth, ${criterion.maxWidth}.`,
        },
      );
    }
    if (Number.isNaN(priority)) {
      throw new InvalidInputError(
        `criterion ${criterion.id} gave turn ${turn.id} a priority that is no number`,
        { field: 'priority', value: priority, remedy: 'Give a number, or leave it out.' },
      );
    }
    decisions.push({ node: turn.id, width, ...(priority !== undefined && { priority }) });
    path.push({ ...turn, requestedWidth: width, grantedWidth: width });
  }
  return decisions;
}
