import { parseInput, type Task } from '@spark-rl/core';
import { z } from 'zod';

/**
 * In which order the simulator is asked after an action. `official` asks for everything that the official Python class asks for,
 * the valid actions last; `lean` for what is needed only. The list of valid actions draws from the simulator's random numbers, so
 * the two give different episodes in tasks with bees, pollination and genetics.
 */
export const CALL_ORDERS = ['official', 'lean'] as const;
export type CallOrder = (typeof CALL_ORDERS)[number];

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
