import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { criterionSchema, signalSchema } from '../schemas.js';
import { measure } from '../signals/signal.js';
import { ALONE } from './decision.js';
import { unionOfWants } from './wants.js';

const rankByOptions = z.strictObject({ criterion: criterionSchema, signal: signalSchema });

/** The criterion and the signal of {@link rankBy}. */
export type RankByOptions = z.input<typeof rankByOptions>;

/**
 * Asks what another criterion asks, with a signal for its priority: with an arbiter that ranks requests, a scarce budget goes to
 * the most uncertain of the turns that ask. Where there is nothing to measure it names no priority.
 *
 * @param options.criterion - the other one, such as `exploreTag()`
 * @param options.signal - such as `meanEntropySignal()`
 * @throws InvalidInputError when an option is not such a value, and later when the policy does not report what the signal wants
 */
export function rankBy(options: RankByOptions): BranchingCriterion {
  const { criterion, signal } = parseInput(rankByOptions, options, 'options of rankBy');
  return {
    id: `rank-by(${criterion.id},${signal.id})`,
    maxWidth: criterion.maxWidth,
    ...unionOfWants([criterion, signal]),
    decide: (context) => {
      const { width } = criterion.decide(context);
      if (width <= 1) return ALONE;
      const priority = measure(signal, context.path);
      return priority === null ? { width } : { width, priority };
    },
  };
}
