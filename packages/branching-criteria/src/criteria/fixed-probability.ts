import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { widthSchema } from '../width.js';

const fixedProbabilityOptions = z.strictObject({
  probability: z.number().min(0).max(1),
  width: widthSchema.default(2),
});

/** p and B of {@link fixedProbability}. */
export type FixedProbabilityOptions = z.input<typeof fixedProbabilityOptions>;

/**
 * Forks at random, whatever the agent says: b_t = B with probability p, else 1, independently at every turn. The ablation of
 * SPARK (Table 4) compares the explore tag with such a criterion; its p is not stated, and its code instead picks four random
 * running paths of the whole batch. Draws from the context's own stream, so the same seed gives the same forks.
 *
 * @param options.probability - p in [0, 1]
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a number
 * @see https://arxiv.org/abs/2601.20209 section 3
 */
export function fixedProbability(options: FixedProbabilityOptions): BranchingCriterion {
  const { probability, width } = parseInput(
    fixedProbabilityOptions,
    options,
    'options of fixedProbability',
  );
  return {
    id: `fixed-probability(${probability},${width})`,
    maxWidth: probability === 0 ? 1 : width,
    decide: ({ random }) => ({ width: random.uniform() < probability ? width : 1 }),
  };
}
