import {
  InvalidInputError,
  parseInput,
  type AdvantageEstimator,
  type CreditedTree,
} from '@spark-rl/core';
import { z } from 'zod';

import { penaltyOf } from '../group/turn-credits.js';
import { penaltyOption } from '../options.js';

/** How a batch is whitened: what a row counts, and what is added to the variance. */
export const whitenShape = {
  per: z.enum(['token', 'turn']).default('token'),
  whitenEpsilon: z.number().min(0).default(1e-8),
};

const optionsSchema = z.strictObject({
  ...whitenShape,
  invalidPenalty: penaltyOption.default(0),
  unavailablePenalty: penaltyOption.default(0),
});

/** The settings of {@link whitened}. */
export type WhitenedOptions = z.input<typeof optionsSchema>;

/** Mean and deviation of all copies of a batch that count, or null when no advantage of theirs differs from another. */
function statistics(
  batch: readonly CreditedTree[],
  { per, whitenEpsilon }: z.output<typeof optionsSchema>,
): { readonly mean: number; readonly deviation: number } | null {
  const rows = batch.flatMap(({ tree, credits }) =>
    credits.flatMap(({ node, copies }) =>
      copies.map(({ advantage, weight }) => {
        if (!Number.isFinite(advantage)) {
          throw new InvalidInputError(
            `an advantage of turn ${node} of tree ${tree.id} is ${advantage}`,
            { field: 'advantage', value: advantage, remedy: 'Estimate finite advantages.' },
          );
        }
        const turn = tree.turns.get(node);
        const times = per === 'turn' ? 1 : (turn?.generation.responseTokens.length ?? 0);
        return { advantage, weight, times };
      }),
    ),
  );
  if (rows.every(({ advantage }) => advantage === rows[0]!.advantage)) return null;
  const counted = rows.filter(({ times }) => times > 0);
  if (counted.length === 0) {
    throw new InvalidInputError('no turn of the batch has a response token', {
      field: 'per',
      value: per,
      remedy: 'Whiten per turn.',
    });
  }
  if (counted.every(({ advantage }) => advantage === counted[0]!.advantage)) return null;
  const total = counted.reduce((sum, { weight, times }) => sum + weight * times, 0);
  const mean = counted.reduce(
    (sum, { advantage, weight, times }) => sum + (weight * times * advantage) / total,
    0,
  );
  const squares = counted.reduce(
    (sum, { advantage, weight, times }) =>
      sum + ((weight * times) / total) * (advantage - mean) ** 2,
    0,
  );
  const freedom =
    1 - counted.reduce((sum, { weight, times }) => sum + times * (weight / total) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / freedom + whitenEpsilon) };
}

/**
 * Whitens an estimator's advantages over the whole batch (arXiv 2501.03262, section 3): in `acrossTasks`, over all copies of all turns of
 * all tasks,
 *
 *     A' = (A - mean A) / sqrt(var A + whitenEpsilon) - penalties, exactly 0 before penalties when all A are equal
 *
 * where a copy counts its weight, times the turn's response tokens with `per` `token`; the variance has one degree of freedom taken off.
 * Penalties given here come after whitening; set those of the inner estimator to 0 then.
 *
 * When to use it: to keep the size of the update the same whatever the estimator and the rewards' scale.
 *
 * @throws InvalidInputError naming the wrong option or, from `acrossTasks`, the node whose advantage is not a finite number
 */
export function whitened(
  estimator: AdvantageEstimator,
  options: WhitenedOptions = {},
): AdvantageEstimator {
  const settings = parseInput(optionsSchema, options, 'options of whitened');
  return {
    id: `whitened(${estimator.id})`,
    estimate: estimator.estimate,
    acrossTasks: (estimated) => {
      const batch = estimator.acrossTasks?.(estimated) ?? estimated;
      const found = statistics(batch, settings);
      return batch.map(({ tree, credits }) => ({
        tree,
        credits: credits.map((credit) => {
          const turn = tree.turns.get(credit.node);
          const fine = turn === undefined ? 0 : penaltyOf(turn, settings);
          return {
            ...credit,
            copies: credit.copies.map((copy) => ({
              ...copy,
              advantage:
                (found === null ? 0 : (copy.advantage - found.mean) / found.deviation) - fine,
            })),
          };
        }),
      }));
    },
  };
}
