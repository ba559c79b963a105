import { parseInput, type TaskQuery } from '@spark-rl/core';
import { z } from 'zod';

const schema = z.object({
  split: z.string(),
  // Lists of tasks are made whole, so there is a limit to what is sensible.
  count: z.int().min(0).max(1_000_000).optional(),
  seed: z.number().optional(),
  kinds: z.array(z.string()).readonly().optional(),
});

/**
 * Checks a query for tasks: the count is a whole number of at most a million, the seed any finite number.
 *
 * @throws InvalidInputError naming the first wrong field
 */
export const parseTaskQuery = (query: TaskQuery): z.output<typeof schema> =>
  parseInput(schema, query, 'task query');
