import {
  InvalidInputError,
  type Leaf,
  type Tree,
  type Turn,
  type TurnScores,
} from '@spark-rl/core';

import type { GroupLeaf } from '../group/group.js';

/** One turn on the path of one leaf. */
export interface Step {
  readonly tree: Tree;
  readonly leaf: Leaf;
  readonly turn: Turn;
  /** The environment's score before the turn. */
  readonly scoreBefore: number;
  /** The reward of the leaf when this is its last turn, otherwise null. */
  readonly outcome: number | null;
  /** What the scorer said of the turn, or the rater when it was taken; undefined when neither did. */
  readonly rating: number | undefined;
}

/** r(i, t): what a step earned; a finite number. */
export type StepReward = (step: Step) => number;

/** The reward of the leaf at its last turn, 0 before. */
export const terminalReward: StepReward = ({ outcome }) => outcome ?? 0;

/** By how much the turn raised the environment's score. */
export const scoreGain: StepReward = ({ turn, scoreBefore }) => turn.next.score - scoreBefore;

/**
 * What a scorer said of the turn.
 *
 * @throws InvalidInputError naming the node that it said nothing of
 */
export const ratedReward: StepReward = ({ tree, turn, rating }) => {
  if (rating !== undefined) return rating;
  throw new InvalidInputError(`turn ${turn.id} of tree ${tree.id} has no score`, {
    field: 'scores',
    value: turn.id,
    remedy:
      'Give the scores of every turn as the second argument (`scoreTrees` asks a scorer), or grow the trees with a rater.',
  });
};

/**
 * The rewards of a leaf's turns, in order.
 *
 * @throws InvalidInputError naming the node whose reward is not a finite number
 */
export function stepRewards(
  { tree, leaf, reward, path }: GroupLeaf,
  stepReward: StepReward,
  scores: TurnScores | undefined,
): readonly number[] {
  const ratings = scores?.get(tree.id);
  return path.map((turn, i) => {
    const earned = stepReward({
      tree,
      leaf,
      turn,
      scoreBefore: path[i - 1]?.next.score ?? tree.score,
      outcome: i === path.length - 1 ? reward : null,
      rating: ratings?.get(turn.id) ?? turn.rating?.value,
    });
    if (Number.isFinite(earned)) return earned;
    throw new InvalidInputError(
      `the reward of turn ${turn.id} of tree ${tree.id} on the path of leaf ${leaf.id} is ${earned}`,
      { field: 'stepReward', value: earned, remedy: 'Return a finite number for every step.' },
    );
  });
}
