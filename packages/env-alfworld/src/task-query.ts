import { parseInput, type TaskQuery } from '@spark-rl/core';
import { z } from 'zod';

const schema = z.object({
  split: z.string(),
  // Lists of tasks are made whole, so there is a limit to what is sensible.
  count: z.int().min(0).max(1_000_000).optional(),
  seed: z.int().optional(),
  kinds: z.array(z.string()).readonly().optional(),
});

/**
 * Checks a query for tasks: whole numbers only, and at most a million tasks.
 *
 * @throws InvalidInputError naming the first wrong field
 */
export const parseTaskQuery = (query: TaskQuery): z.output<typeof schema> =>
  parseInput(schema, query, 'task query');
