import { parseInput, type Expansion } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';

const everyTurnOptions = z.strictObject({
  children: countSchema.default(1),
  initialState: z.boolean().default(false),
});

/** How many children, and whether the initial state gets them too, in {@link everyTurn}. */
export type EveryTurnOptions = z.input<typeof everyTurnOptions>;

/**
 * Gives every turn that may have children c further ones, once, in the order of the paths: from each state that was reached, c fresh
 * continuations, as needed to estimate how much the next choice matters there. Needs a budget to match: c times the turns.
 *
 * @param options.children - c, a whole number of at least 1, 1 by default
 * @param options.initialState - whether the initial state gets c further roots too; they come first; false by default
 * @throws InvalidInputError when an option is not such a value
 */
export function everyTurn(options: EveryTurnOptions = {}): Expansion {
  const { children, initialState } = parseInput(everyTurnOptions, options, 'options of everyTurn');
  return {
    id: `every-turn(${children}${initialState ? ',initial state too' : ''})`,
    rounds: 1,
    choose: ({ expandable }) =>
      [...(initialState ? [null] : []), ...expandable].map((node) => ({ node, children })),
  };
}
