import { z } from 'zod';

import type { Environment, Start, Status, Task, TaskQuery, Transition } from '../environment.js';
import { EnvironmentError } from '../errors.js';
import { taskId } from '../ids.js';
import { randomSource } from '../random.js';
import { parseInput } from '../validation.js';

/** Where the walker stands, and how many steps it took. */
export interface CorridorState {
  readonly position: number;
  readonly steps: number;
  readonly goal: number;
}

const corridorOptions = z.object({
  length: z.int().min(2).default(5),
  maxSteps: z.int().min(1).default(30),
});

const taskData = z.object({ start: z.int().min(1), goal: z.int().min(0) });

/**
 * A tiny deterministic world for tests: a corridor of fields 0..length. A walker starts inside; reaching the goal end is
 * success, the other end is failure, and too many steps truncate. Actions: `left`, `right`, `wait`; any other text does
 * nothing but costs a step. Score: 1 at the goal, 0 elsewhere.
 *
 * @param options.length - the last field, at least 2
 * @param options.maxSteps - steps until the episode is truncated
 */
export function corridor(
  options: z.input<typeof corridorOptions> = {},
): Environment<CorridorState> {
  const { length, maxSteps } = parseInput(corridorOptions, options, 'options of corridor');

  const statusOf = ({ position, steps, goal }: CorridorState): Status => {
    if (position === goal) return 'success';
    if (position === 0 || position === length) return 'failure';
    return steps >= maxSteps ? 'truncated' : 'running';
  };
  const transition = (state: CorridorState, note = ''): Transition<CorridorState> => {
    const status = statusOf(state);
    const observation = `${note}You stand at ${state.position}.`;
    return { state, observation, score: status === 'success' ? 1 : 0, status };
  };

  return {
    id: 'corridor',
    tasks: ({ split, count = 4, seed = 0 }: TaskQuery): Task[] =>
      Array.from({ length: count }, (_, index) => {
        const random = randomSource(['corridor', split, seed, index]);
        const start = 1 + random.integer(length - 1);
        const goal = random.pick([0, length]);
        return {
          id: taskId(`${split}-${seed}-${index}`),
          environment: 'corridor',
          split,
          data: { start, goal },
        };
      }),
    reset: (task): Start<CorridorState> => {
      const { start, goal } = parseInput(taskData, task.data, `data of task ${task.id}`);
      return {
        ...transition({ position: start, steps: 0, goal }),
        instruction: `Go to ${goal}.`,
      };
    },
    step: (state, action) => {
      if (statusOf(state) !== 'running')
        throw new EnvironmentError(
          `the episode ended at ${state.position}; reset to start another`,
        );
      const move = action === 'left' ? -1 : action === 'right' ? 1 : 0;
      const known = move !== 0 || action === 'wait';
      return transition(
        { ...state, position: state.position + move, steps: state.steps + 1 },
        known ? '' : 'Nothing happens. ',
      );
    },
    admissible: (state) => (statusOf(state) === 'running' ? ['left', 'right', 'wait'] : []),
  };
}
