import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { widthSchema } from '../width.js';

const reasoningModeOptions = z.strictObject({
  modes: z.array(z.string().min(1)).min(1),
  width: widthSchema.default(2),
});

/** The modes and B of {@link reasoningMode}. */
export type ReasoningModeOptions = z.input<typeof reasoningModeOptions>;

/**
 * Forks where a valid response was written in one of some reasoning modes, as the grammar found them: b_t = B if its mode is listed,
 * else 1. Stricter than {@link exploreTag}, which looks for the tag anywhere, in invalid responses too; and open to grammars with
 * other modes, such as `reflection`.
 *
 * @param options.modes - the modes, compared letter by letter
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value
 */
export function reasoningMode(options: ReasoningModeOptions): BranchingCriterion {
  const { modes, width } = parseInput(reasoningModeOptions, options, 'options of reasoningMode');
  return {
    id: `reasoning-mode(${modes.join('|')},${width})`,
    maxWidth: width,
    decide: ({ turn: { response } }) => {
      const listed = response.valid && response.mode !== null && modes.includes(response.mode);
      return { width: listed ? width : 1 };
    },
  };
}
