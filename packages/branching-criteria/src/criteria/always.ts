import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { widthSchema } from '../width.js';

const alwaysOptions = z.strictObject({ width: widthSchema.default(2) });

/** B of {@link always}. */
export type AlwaysOptions = z.input<typeof alwaysOptions>;

/**
 * Asks for a fork at every turn: b_t = B. The budget is spent as early as it can be; the opposite end from {@link never}.
 *
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when `width` is not such a number
 */
export function always(options: AlwaysOptions = {}): BranchingCriterion {
  const { width } = parseInput(alwaysOptions, options, 'options of always');
  return { id: `always(${width})`, maxWidth: width, decide: () => ({ width }) };
}
