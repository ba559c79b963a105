import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';
import { stalledSignal } from '../signals/stalled.js';
import { widthSchema } from '../width.js';
import { forkAbove } from './threshold.js';

const stalledScoreOptions = z.strictObject({
  turns: countSchema.default(5),
  width: widthSchema.default(2),
});

/** After how many turns, and B of {@link stalledScore}. */
export type StalledScoreOptions = z.input<typeof stalledScoreOptions>;

/**
 * Forks where the agent gets nowhere: b_t = B if the environment's score has not risen above the path's best for at least k turns,
 * else 1. For environments whose score tells progress. The priority of a request is the number of such turns; it keeps asking until
 * the score rises, so {@link coolDown} goes well with it.
 *
 * @param options.turns - k, a whole number of at least 1, 5 by default
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value
 */
export function stalledScore(options: StalledScoreOptions = {}): BranchingCriterion {
  const { turns, width } = parseInput(stalledScoreOptions, options, 'options of stalledScore');
  return forkAbove(`stalled-score(${turns},${width})`, stalledSignal(), turns - 1, width);
}
