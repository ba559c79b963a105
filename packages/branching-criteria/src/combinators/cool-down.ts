import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema, criterionSchema } from '../schemas.js';
import { ALONE } from './decision.js';
import { grantedForks } from './granted-forks.js';
import { unionOfWants } from './wants.js';

const coolDownOptions = z.strictObject({ criterion: criterionSchema, turns: countSchema });

/** The criterion and c of {@link coolDown}. */
export type CoolDownOptions = z.input<typeof coolDownOptions>;

/**
 * Spreads the forks of a path: after a fork was granted at turn t, the turns t + 1 ... t + c ask for none; else it asks what another
 * criterion asks. Forks that were asked for but not granted do not count.
 *
 * @param options.criterion - the other one
 * @param options.turns - c, a whole number of at least 1
 * @throws InvalidInputError when an option is not such a value
 */
export function coolDown(options: CoolDownOptions): BranchingCriterion {
  const { criterion, turns } = parseInput(coolDownOptions, options, 'options of coolDown');
  return {
    id: `cool-down(${criterion.id},${turns})`,
    maxWidth: criterion.maxWidth,
    ...unionOfWants([criterion]),
    decide: (context) => {
      const last = grantedForks(context).at(-1);
      return last !== undefined && context.turnIndex - last.index <= turns
        ? ALONE
        : criterion.decide(context);
    },
  };
}
