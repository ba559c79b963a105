import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { widthSchema } from '../width.js';

const invalidResponseOptions = z.strictObject({ width: widthSchema.default(2) });

/** B of {@link invalidResponse}. */
export type InvalidResponseOptions = z.input<typeof invalidResponseOptions>;

/**
 * Forks where the response broke the grammar, so that the environment received the empty action: b_t = B if invalid, else 1.
 *
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when `width` is not such a number
 */
export function invalidResponse(options: InvalidResponseOptions = {}): BranchingCriterion {
  const { width } = parseInput(invalidResponseOptions, options, 'options of invalidResponse');
  return {
    id: `invalid-response(${width})`,
    maxWidth: width,
    decide: ({ turn }) => ({ width: turn.response.valid ? 1 : width }),
  };
}
