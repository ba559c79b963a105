import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { top2MarginSignal } from '../signals/likeliest-tokens.js';
import { widthSchema } from '../width.js';
import { forkAbove } from './threshold.js';

const top2MarginOptions = z.strictObject({
  below: z.number().min(0).max(1),
  over: z.enum(['mean', 'min']).default('mean'),
  width: widthSchema.default(2),
});

/** The threshold, how tokens are summarised, and B of {@link top2Margin}. */
export type Top2MarginOptions = z.input<typeof top2MarginOptions>;

/**
 * Forks where the two likeliest tokens were close: b_t = B if the margin p_1 - p_2 is below a threshold, else 1; margin sampling,
 * from active learning. The priority of a request is the negative of the margin.
 *
 * @param options.below - in [0, 1]; a margin that equals it does not ask
 * @param options.over - the `mean` margin of the response's tokens (default), or the smallest, `min`
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value, and later when the policy does not report the likeliest tokens
 */
export function top2Margin(options: Top2MarginOptions): BranchingCriterion {
  const { below, over, width } = parseInput(top2MarginOptions, options, 'options of top2Margin');
  const signal = top2MarginSignal({ over: over === 'min' ? 'max' : 'mean' });
  return forkAbove(`top2-margin(${below},${over},${width})`, signal, -below, width);
}
