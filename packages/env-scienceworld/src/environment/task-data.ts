import { parseInput, type Task } from '@spark-rl/core';
import { z } from 'zod';

import type { CallOrder } from '../simulator.js';

/** The orders of calls. */
export const CALL_ORDERS = ['official', 'lean'] as const satisfies readonly CallOrder[];

/** The name of this environment in tasks. */
export const ENVIRONMENT = 'scienceworld';

const schema = z.strictObject({
  task: z.string().min(1),
  variation: z.int().min(0),
  simplifications: z.string(),
  callOrder: z.enum(CALL_ORDERS),
  version: z.string().exactOptional(),
});

/** What a task holds: all that an episode depends on beside its actions, so that it is the key of a replay. */
export type ScienceworldTaskData = z.output<typeof schema>;

/** Reads the data of a task. @throws InvalidInputError naming the field that is wrong */
export const taskDataOf = (task: Task): ScienceworldTaskData =>
  parseInput(
    schema,
    task.data,
    `data of task ${task.id}`,
    'Take tasks from the environment that plays them.',
  );
