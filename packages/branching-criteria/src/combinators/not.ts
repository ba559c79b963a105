import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { criterionSchema } from '../schemas.js';
import { widthSchema } from '../width.js';
import { ALONE } from './decision.js';
import { unionOfWants } from './wants.js';

const notOptions = z.strictObject({ criterion: criterionSchema, width: widthSchema.default(2) });

/** The criterion and B of {@link not}. */
export type NotOptions = z.input<typeof notOptions>;

/**
 * Forks exactly where another criterion does not: b_t = B if that one asks for 1, else 1. Names no priority.
 *
 * @param options.criterion - the other one
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value
 */
export function not(options: NotOptions): BranchingCriterion {
  const { criterion, width } = parseInput(notOptions, options, 'options of not');
  return {
    id: `not(${criterion.id},${width})`,
    maxWidth: width,
    ...unionOfWants([criterion]),
    decide: (context) => (criterion.decide(context).width > 1 ? ALONE : { width }),
  };
}
