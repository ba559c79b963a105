import { EnvironmentError, type Environment, type Start, type Task } from '@spark-rl/core';

import { attempt, LostError } from './attempt.js';
import { accepted, checkTransition } from './border.js';

/**
 * Resets a task. When that stays impossible, the error is the answer: all roots of the task are lost, other tasks are not.
 *
 * @throws InvalidInputError when the task itself is wrong: no repetition and no other machine would help
 */
export async function openTask<State>(
  environment: Environment<State>,
  task: Task,
  retrying: Parameters<typeof attempt>[2],
): Promise<Start<State> | LostError> {
  const checkStart = (start: Start<State>): Start<State> => {
    const { status } = checkTransition(start);
    if (status !== 'running')
      throw new EnvironmentError(`task ${task.id} starts with status ${status}, not running`);
    return start;
  };
  const reset = async (): Promise<Start<State>> =>
    accepted(environment, await environment.reset(task, { signal: retrying.signal }), checkStart);
  try {
    return await attempt('environment reset', reset, retrying);
  } catch (error) {
    if (!(error instanceof LostError)) throw error;
    if ((error.cause as { code?: unknown } | null)?.code === 'invalid-input') throw error.cause;
    return error;
  }
}
