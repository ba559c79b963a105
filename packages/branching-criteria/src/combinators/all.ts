import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { criterionSchema } from '../schemas.js';
import { ALONE, fork } from './decision.js';
import { unionOfWants } from './wants.js';

const allOptions = z.strictObject({ criteria: z.array(criterionSchema).min(1) });

/** The criteria of {@link all}. */
export type AllOptions = z.input<typeof allOptions>;

/**
 * Forks where every one of several criteria does, as wide as the narrowest: b_t = min_i b_t,i. The priority is the smallest that a
 * criterion has named. All criteria are asked at every turn, and draw from the same stream one after the other.
 *
 * @param options.criteria - at least one
 * @throws InvalidInputError when an option is not such a value
 */
export function all(options: AllOptions): BranchingCriterion {
  const { criteria } = parseInput(allOptions, options, 'options of all');
  return {
    id: `all(${criteria.map(({ id }) => id).join(',')})`,
    maxWidth: Math.min(...criteria.map(({ maxWidth }) => maxWidth)),
    ...unionOfWants(criteria),
    decide: (context) => {
      const decisions = criteria.map((criterion) => criterion.decide(context));
      const width = Math.min(...decisions.map((decision) => decision.width));
      return width > 1 ? fork(width, decisions, Math.min) : ALONE;
    },
  };
}
