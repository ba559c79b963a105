import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { criterionSchema } from '../schemas.js';
import { ALONE, fork } from './decision.js';
import { unionOfWants } from './wants.js';

const anyOptions = z.strictObject({ criteria: z.array(criterionSchema).min(1) });

/** The criteria of {@link any}. */
export type AnyOptions = z.input<typeof anyOptions>;

/**
 * Forks where at least one of several criteria does, as wide as the widest: b_t = max_i b_t,i. The priority is the largest that a
 * criterion which asks has named; priorities of different criteria need not be on one scale, {@link rankBy} puts them on one. All
 * criteria are asked at every turn, and draw from the same stream one after the other.
 *
 * @param options.criteria - at least one
 * @throws InvalidInputError when an option is not such a value
 */
export function any(options: AnyOptions): BranchingCriterion {
  const { criteria } = parseInput(anyOptions, options, 'options of any');
  return {
    id: `any(${criteria.map(({ id }) => id).join(',')})`,
    maxWidth: Math.max(...criteria.map(({ maxWidth }) => maxWidth)),
    ...unionOfWants(criteria),
    decide: (context) => {
      const asking = criteria
        .map((criterion) => criterion.decide(context))
        .filter(({ width }) => width > 1);
      if (asking.length === 0) return ALONE;
      return fork(Math.max(...asking.map(({ width }) => width)), asking, Math.max);
    },
  };
}
