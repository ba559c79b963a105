import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { widthSchema } from '../width.js';

const exploreTagOptions = z.strictObject({
  width: widthSchema.default(2),
  tag: z
    .string()
    .regex(
      /^[A-Za-z][\w-]*$/,
      'expected a tag name such as "explore": a letter, then letters, digits, _ or -',
    )
    .default('explore'),
});

/** B and the tag of {@link exploreTag}. */
export type ExploreTagOptions = z.input<typeof exploreTagOptions>;

/**
 * The criterion of SPARK: fork where the agent itself says that it is unsure. b_t = B if the response holds a closed
 * `<explore>...</explore>`, else 1 (paper Eqs. 4-5).
 *
 * As the published code looks for it: anywhere in the whole decoded response, across line ends, case-sensitive; the content may
 * be empty, and the response need not be valid otherwise. An opening tag that is never closed does not count.
 *
 * @param options.width - B, how many children an exploring turn asks for; a whole number of at least 1, 2 by default
 * @param options.tag - the name of the tag
 * @throws InvalidInputError when an option is not such a value
 * @see https://arxiv.org/abs/2601.20209 section 2.2
 */
export function exploreTag(options: ExploreTagOptions = {}): BranchingCriterion {
  const { width, tag } = parseInput(exploreTagOptions, options, 'options of exploreTag');
  const [opening, closing] = [`<${tag}>`, `</${tag}>`];
  return {
    id: `explore-tag(${tag},${width})`,
    maxWidth: width,
    decide: ({ turn }) => {
      const { text } = turn.generation;
      // Equal to /<tag>.*?<\/tag>/s, but linear in the length of the response.
      const start = text.indexOf(opening);
      const closed = start >= 0 && text.includes(closing, start + opening.length);
      return { width: closed ? width : 1 };
    },
  };
}
