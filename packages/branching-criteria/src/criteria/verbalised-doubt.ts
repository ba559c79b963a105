import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';
import { doubtShape, doubtSignal } from '../signals/doubt.js';
import { widthSchema } from '../width.js';
import { forkAbove } from './threshold.js';

const verbalisedDoubtOptions = z.strictObject({
  ...doubtShape,
  times: countSchema.default(1),
  width: widthSchema.default(2),
});

/** What counts as doubt, how much of it, and B of {@link verbalisedDoubt}. */
export type VerbalisedDoubtOptions = z.input<typeof verbalisedDoubtOptions>;

/**
 * Forks where the agent says in plain words that it is not sure: b_t = B if at least k phrases of doubt are found in the response,
 * else 1. For agents that were never taught a tag. The priority of a request is the number of phrases.
 *
 * @param options.patterns - regular expressions, as texts (matched whatever the case) or as RegExp with their own flags; by default
 *   `DOUBT_PHRASES`: not sure, unclear, maybe, might be, I don't know, no idea and the like
 * @param options.where - `response` (default): the whole text; `reasoning`: the reasoning that the grammar found
 * @param options.times - k, a whole number of at least 1, 1 by default
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value, a pattern is no regular expression, or matches the empty text
 */
export function verbalisedDoubt(options: VerbalisedDoubtOptions = {}): BranchingCriterion {
  const { patterns, where, times, width } = parseInput(
    verbalisedDoubtOptions,
    options,
    'options of verbalisedDoubt',
  );
  const signal = doubtSignal({ patterns, where });
  return forkAbove(
    `verbalised-${signal.id.slice(0, -1)},${times},${width})`,
    signal,
    times - 1,
    width,
  );
}
