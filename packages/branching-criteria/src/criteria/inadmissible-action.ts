import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { widthSchema } from '../width.js';

const inadmissibleActionOptions = z.strictObject({ width: widthSchema.default(2) });

/** B of {@link inadmissibleAction}. */
export type InadmissibleActionOptions = z.input<typeof inadmissibleActionOptions>;

/**
 * Forks where the action was none that does something there: b_t = B if it is known to be inadmissible, else 1. Where nobody asked
 * the environment which actions are admissible it never forks; a rollout records it when it is told to.
 *
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when `width` is not such a number
 */
export function inadmissibleAction(options: InadmissibleActionOptions = {}): BranchingCriterion {
  const { width } = parseInput(inadmissibleActionOptions, options, 'options of inadmissibleAction');
  return {
    id: `inadmissible-action(${width})`,
    maxWidth: width,
    decide: ({ turn }) => ({ width: turn.admissible === false ? width : 1 }),
  };
}
