import {
  EnvironmentError,
  type Awaitable,
  type Environment,
  type Start,
  type Task,
} from '@spark-rl/core';

import { attempt, type CallRules } from './attempt.js';
import { accepted, checkTransition } from './border.js';
import { LostError } from './lost.js';

/**
 * Resets a task. When that stays impossible, the error is the answer: the task is poisoned and all its roots are lost, other
 * tasks are not. A task that the environment refuses as invalid input is not tried again.
 */
export async function openTask<State>(
  environment: Environment<State>,
  task: Task,
  rules: CallRules,
  signal: AbortSignal,
  onRetry: (retry: number, error: unknown) => Awaitable<void>,
): Promise<Start<State> | LostError> {
  const checkStart = (start: Start<State>): Start<State> => {
    const checked = checkTransition(start);
    const { status } = checked;
    if (status !== 'running')
      throw new EnvironmentError(`task ${task.id} starts with status ${status}, not running`);
    return checked;
  };
  try {
    return await attempt(rules, {
      where: 'environment reset',
      make: async (stop): Promise<Start<State>> => {
        try {
          return accepted(environment, await environment.reset(task, { signal: stop }), checkStart);
        } catch (error) {
          // Invalid input is wrong for good: no repetition would help.
          if ((error as { code?: unknown } | null)?.code === 'invalid-input')
            throw new LostError('task', String((error as Error).message), error);
          throw error;
        }
      },
      signal,
      onRetry,
      discard: ({ state }) => environment.release?.(state),
    });
  } catch (error) {
    if (!(error instanceof LostError)) throw error;
    return new LostError('task', error.message, error.cause);
  }
}
