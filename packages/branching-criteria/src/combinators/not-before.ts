import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { criterionSchema } from '../schemas.js';
import { ALONE } from './decision.js';
import { unionOfWants } from './wants.js';

const notBeforeOptions = z.strictObject({ criterion: criterionSchema, turn: z.int().min(0) });

/** The criterion and the turn of {@link notBefore}. */
export type NotBeforeOptions = z.input<typeof notBeforeOptions>;

/**
 * Keeps the budget for later: asks what another criterion asks from turn t on, nothing before. M roots differ at their first turns
 * anyway, so forks there buy the least.
 *
 * @param options.criterion - the other one
 * @param options.turn - t, the index of the first turn that may fork, from 0
 * @throws InvalidInputError when an option is not such a value
 */
export function notBefore(options: NotBeforeOptions): BranchingCriterion {
  const { criterion, turn } = parseInput(notBeforeOptions, options, 'options of notBefore');
  return {
    id: `not-before(${criterion.id},${turn})`,
    maxWidth: criterion.maxWidth,
    ...unionOfWants([criterion]),
    decide: (context) => (context.turnIndex < turn ? ALONE : criterion.decide(context)),
  };
}
