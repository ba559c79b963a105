import {
  childId,
  childrenOf,
  InvalidInputError,
  leavesBelow,
  type NodeId,
  type TaskId,
  type Tree,
  type TreeId,
} from '@spark-rl/core';

import { basePath } from './base-path.js';
import {
  betweenActionError,
  betweenActionVariance,
  type ActionOutcomes,
} from './between-actions.js';
import { byFirstAction, successesOf, type Continuation } from './importance.js';
import { successVariance, successVarianceError } from './success-variance.js';

/** How much it matters what is done after one turn of a probe's base path. */
export interface TurnImportance {
  readonly tree: TreeId;
  readonly task: TaskId;
  /** The turn after which the continuations start: where a fork would be. */
  readonly node: NodeId;
  /** t, from 0. */
  readonly turnIndex: number;
  /** The n continuations that ended, in the order of their ids. */
  readonly continuations: readonly Continuation[];
  /** Continuations that were lost to infrastructure and are not counted. */
  readonly lost: number;
  /** k / n. */
  readonly successRate: number;
  /** The unbiased variance of success, `n/(n-1) p (1-p)`; 0 when all agree. */
  readonly variance: number;
  readonly varianceError: number;
  /** The continuations by their first action. */
  readonly firstActions: readonly ActionOutcomes[];
  /** Var_a[Q], the part of the variance that the first action decides; null when it cannot be told. */
  readonly betweenActions: number | null;
  readonly betweenActionsError: number | null;
}

/**
 * Measures each turn of a probe's base path by the continuations that start after it. Turns with fewer than two that ended are
 * left out, which are those that ended the path.
 *
 * @param tree - a probe, grown with `probeExpansion`
 * @throws InvalidInputError when a continuation forked: its leaves would not be independent
 */
export function turnImportance(tree: Tree): readonly TurnImportance[] {
  const below = leavesBelow(tree);
  return basePath(tree).flatMap((turn) => {
    const own = childId(turn.id, 0);
    const continuations = childrenOf(tree, turn)
      .filter(({ id }) => id !== own)
      .flatMap(({ id, action }) => {
        const leaves = below.get(id) ?? [];
        if (leaves.length > 1) {
          throw new InvalidInputError(`tree ${tree.id} is no probe: continuation ${id} forks`, {
            field: 'criterion',
            value: leaves.length,
            remedy: 'Grow probes with a criterion that never forks.',
          });
        }
        return leaves.map(({ outcome }): Continuation => ({
          action,
          success: outcome === 'success',
        }));
      });
    const n = continuations.length;
    if (n < 2) return [];
    const successes = successesOf(continuations);
    const firstActions = byFirstAction(continuations);
    return [
      {
        tree: tree.id,
        task: tree.task.id,
        node: turn.id,
        turnIndex: turn.index,
        continuations,
        lost: turn.grantedWidth - 1 - n,
        successRate: successes / n,
        variance: successVariance(successes, n),
        varianceError: successVarianceError(successes, n),
        firstActions,
        betweenActions: betweenActionVariance(firstActions),
        betweenActionsError: betweenActionError(firstActions),
      },
    ];
  });
}
