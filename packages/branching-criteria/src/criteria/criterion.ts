import {
  InvalidInputError,
  parseInput,
  type BranchingContext,
  type BranchingCriterion,
  type GenerationWants,
} from '@spark-rl/core';
import { z } from 'zod';

import { functionSchema } from '../schemas.js';
import { widthSchema } from '../width.js';

/** What {@link criterion} makes a criterion of. */
export interface CriterionOptions {
  /** Its name in the settings of a tree; put the options into it that change what it asks for. */
  readonly id: string;
  /** Whether the path should fork here, into `maxWidth` children; or into how many, from 1 (no fork) to `maxWidth`. */
  readonly asks: (context: BranchingContext) => boolean | number;
  /** B, the widest fork it can ask for; 2 by default. */
  readonly maxWidth?: number;
  /** What `asks` needs to know of each response beside the text. */
  readonly want?: GenerationWants;
  /** How urgent a fork is here; read by arbiters that rank requests. */
  readonly priority?: (context: BranchingContext) => number;
}

const criterionOptions = z.strictObject({
  id: z.string().min(1),
  asks: functionSchema<CriterionOptions['asks']>(),
  maxWidth: widthSchema.default(2),
  want: z
    .strictObject({
      entropies: z.boolean().exactOptional(),
      topLogProbs: z.int().min(0).exactOptional(),
    })
    .exactOptional(),
  priority: functionSchema<NonNullable<CriterionOptions['priority']>>().exactOptional(),
});

/**
 * Makes a criterion of one function. The function must be stateless, and draw only from `context.random`: then the same seed gives
 * the same tree.
 *
 * @throws InvalidInputError when an option is not what it must be, and later when `asks` returns a width outside [1, maxWidth]
 */
export function criterion(options: CriterionOptions): BranchingCriterion {
  const { id, asks, maxWidth, want, priority } = parseInput(
    criterionOptions,
    options,
    'options of criterion',
  );
  return {
    id,
    maxWidth,
    ...(want !== undefined && { want }),
    decide: (context) => {
      const asked = asks(context);
      const width = typeof asked === 'boolean' ? (asked ? maxWidth : 1) : asked;
      if (!Number.isInteger(width) || width < 1 || width > maxWidth)
        throw new InvalidInputError(`criterion ${id} asked for ${String(width)} children`, {
          field: 'asks',
          value: width,
          remedy: `Return true, false, or a whole number from 1 to its maxWidth, ${maxWidth}.`,
        });
      return width > 1 && priority !== undefined
        ? { width, priority: priority(context) }
        : { width };
    },
  };
}
