import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { criterionSchema } from '../schemas.js';
import { ALONE } from './decision.js';
import { grantedForks } from './granted-forks.js';
import { unionOfWants } from './wants.js';

const atMostOptions = z.strictObject({ criterion: criterionSchema, forks: z.int().min(0) });

/** The criterion and k of {@link atMost}. */
export type AtMostOptions = z.input<typeof atMostOptions>;

/**
 * Lets a path fork k times at most: asks what another criterion asks while fewer than k forks were granted on the path from the root
 * to here, then no more. Forks that were asked for but not granted do not count. A path and its siblings share the forks above them.
 *
 * @param options.criterion - the other one
 * @param options.forks - k, a whole number of at least 0
 * @throws InvalidInputError when an option is not such a value
 */
export function atMost(options: AtMostOptions): BranchingCriterion {
  const { criterion, forks } = parseInput(atMostOptions, options, 'options of atMost');
  return {
    id: `at-most(${criterion.id},${forks})`,
    maxWidth: forks === 0 ? 1 : criterion.maxWidth,
    ...unionOfWants([criterion]),
    decide: (context) => (grantedForks(context).length < forks ? criterion.decide(context) : ALONE),
  };
}
