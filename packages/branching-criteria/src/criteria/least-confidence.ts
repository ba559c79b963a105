import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { leastConfidenceSignal } from '../signals/likeliest-tokens.js';
import { overSchema } from '../signals/summary.js';
import { widthSchema } from '../width.js';
import { forkAbove } from './threshold.js';

const leastConfidenceOptions = z.strictObject({
  above: z.number().min(0).max(1),
  over: overSchema.default('mean'),
  width: widthSchema.default(2),
});

/** The threshold, how tokens are summarised, and B of {@link leastConfidence}. */
export type LeastConfidenceOptions = z.input<typeof leastConfidenceOptions>;

/**
 * Forks where even the likeliest token was not believed in: b_t = B if 1 - p_1 > above, else 1.
 *
 * @param options.above - in [0, 1]
 * @param options.over - the `mean` of the response's tokens (default), or the `max`
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value, and later when the policy does not report the likeliest token
 */
export function leastConfidence(options: LeastConfidenceOptions): BranchingCriterion {
  const { above, over, width } = parseInput(
    leastConfidenceOptions,
    options,
    'options of leastConfidence',
  );
  const signal = leastConfidenceSignal({ over });
  return forkAbove(`least-confidence(${above},${over},${width})`, signal, above, width);
}
