import {
  InvalidInputError,
  parseInput,
  pathTo,
  showValue,
  type Expansion,
  type Turn,
} from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';

/** How good a turn is to go on from, from the turn and the path to it. */
export type TurnScore = (turn: Turn, path: readonly Turn[]) => number;

const bestFirstOptions = z.strictObject({
  nodes: countSchema,
  rounds: countSchema.default(1),
  score: z
    .custom<'environment-score' | TurnScore>(
      (value) => value === 'environment-score' || typeof value === 'function',
      'expected "environment-score" or a function (turn, path) => number',
    )
    .default('environment-score'),
  maxChildren: countSchema.min(2).default(2),
});

/** n, L, the score, and how often one turn is gone on from, of {@link bestFirst}. */
export type BestFirstOptions = z.input<typeof bestFirstOptions>;

/** Larger is better; anything but a finite number would make the order meaningless. */
function finite(score: number, turn: Turn): number {
  if (Number.isFinite(score)) return score;
  throw new InvalidInputError(`the score of bestFirst is ${showValue(score)} at turn ${turn.id}`, {
    field: 'score',
    value: score,
    remedy: 'Return a finite number for every turn.',
  });
}

/**
 * Best-first search: when all paths have ended, the n turns with the highest scores, among those that may have children and have
 * fewer than `maxChildren`, get one further child each, which is rolled out to its end. This is repeated L times. Equal scores are
 * ranked at random, from the round's own stream. The initial state is not picked.
 *
 * A turn counts the children it was granted, lost ones too, so a turn that keeps failing is not tried for ever.
 *
 * @param options.nodes - n, a whole number of at least 1
 * @param options.rounds - L, a whole number of at least 1, 1 by default
 * @param options.score - `environment-score` (default): the environment's score after the turn; or a function of the turn and of the
 *   path that ends with it
 * @param options.maxChildren - a whole number of at least 2, 2 by default
 * @throws InvalidInputError when an option is not such a value, and later when a score is not a finite number
 * @see https://arxiv.org/abs/2407.01476 (tree search for language-model agents), which searches best-first by a value function
 */
export function bestFirst(options: BestFirstOptions): Expansion {
  const { nodes, rounds, score, maxChildren } = parseInput(
    bestFirstOptions,
    options,
    'options of bestFirst',
  );
  const scoreOf: TurnScore = score === 'environment-score' ? ({ next }) => next.score : score;
  return {
    id: `best-first(${nodes},${rounds},${score === 'environment-score' ? score : 'custom'},${maxChildren})`,
    rounds,
    choose: ({ tree, expandable, random }) => {
      const ranked = random
        .shuffle(expandable)
        .map((id) => {
          const path = pathTo(tree, id);
          // pathTo ends with the turn it was asked for.
          const turn = path[path.length - 1]!;
          return { turn, score: finite(scoreOf(turn, path), turn) };
        })
        .filter(({ turn }) => turn.grantedWidth < maxChildren)
        .sort((a, b) => b.score - a.score);
      return ranked.slice(0, nodes).map(({ turn }) => ({ node: turn.id, children: 1 }));
    },
  };
}
