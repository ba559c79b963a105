import {
  InvalidInputError,
  pathTo,
  throwIfAborted,
  type NodeId,
  type Scorer,
  type Tree,
  type Turn,
} from '@spark-rl/core';

/** What a rule sees of a turn. */
export interface ScoredTurn {
  readonly tree: Tree;
  readonly turn: Turn;
  /** The turns from the root to it, itself included. */
  readonly path: readonly Turn[];
}

/** A score, or undefined where there is nothing to say. */
export type TurnRule = (context: ScoredTurn) => number | undefined | Promise<number | undefined>;

/** Refuses a score that nothing can be computed with, naming the turn. */
export function checkScore(score: number, scorer: string, tree: Tree, node: NodeId): number {
  if (Number.isFinite(score)) return score;
  throw new InvalidInputError(
    `scorer ${scorer} gave ${score} for turn ${node} of tree ${tree.id}`,
    {
      field: 'score',
      value: score,
      remedy: 'Give finite numbers only; leave the turn out otherwise.',
    },
  );
}

/**
 * A scorer from a rule: it is asked for every turn of a tree, parents before children.
 *
 * @throws InvalidInputError (from `score`) naming a turn whose score is not finite
 */
export const functionScorer = (id: string, rule: TurnRule): Scorer => ({
  id,
  score: async (tree, { signal } = {}) => {
    const scores = new Map<NodeId, number>();
    for (const turn of tree.turns.values()) {
      throwIfAborted(signal);
      const score = await rule({ tree, turn, path: pathTo(tree, turn.id) });
      if (score !== undefined) scores.set(turn.id, checkScore(score, id, tree, turn.id));
    }
    return scores;
  },
});
