import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { signalSchema } from '../schemas.js';
import { measure, type Signal } from '../signals/signal.js';
import { widthSchema } from '../width.js';

/** The options that all thresholds share: where the signal counts as high, and B. */
export const thresholdShape = { above: z.number(), width: widthSchema.default(2) };

const thresholdOptions = z.strictObject({ signal: signalSchema, ...thresholdShape });

/** The signal, the threshold and B of {@link threshold}. */
export type ThresholdOptions = z.input<typeof thresholdOptions>;

/** A criterion that forks where a signal is above a threshold; the options have been checked. */
export const forkAbove = (
  id: string,
  signal: Signal,
  above: number,
  width: number,
): BranchingCriterion => ({
  id,
  maxWidth: width,
  ...(signal.want !== undefined && { want: signal.want }),
  decide: ({ path }) => {
    const value = measure(signal, path);
    return value !== null && value > above ? { width, priority: value } : { width: 1 };
  },
});

/**
 * Forks where a signal is high: b_t = B if s_t > above, else 1. Where there is nothing to measure it does not ask. The priority of
 * a request is the signal.
 *
 * @param options.signal - what is measured; any {@link Signal}
 * @param options.above - the threshold, on the signal's scale; a signal that equals it does not ask
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value, and later when the policy does not report what the signal wants
 */
export function threshold(options: ThresholdOptions): BranchingCriterion {
  const { signal, above, width } = parseInput(thresholdOptions, options, 'options of threshold');
  return forkAbove(`threshold(${signal.id},${above},${width})`, signal, above, width);
}
