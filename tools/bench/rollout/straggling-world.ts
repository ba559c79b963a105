import {
  randomSource,
  taskId,
  type Environment,
  type Start,
  type Task,
  type Transition,
} from '@spark-rl/core';

import type { VirtualClock } from './virtual-clock.js';

/** How long an environment takes for a step, in seconds. */
export interface StepTimes {
  readonly median: number;
  /** The standard deviation of the logarithm; 0: all steps take the median. */
  readonly spread: number;
  /** The share of steps that straggle, and how many times longer those take. */
  readonly slowShare: number;
  readonly slowFactor: number;
  /** Probability that a step ends the episode. */
  readonly end: number;
}

/** What was done so far. */
type History = readonly string[];

/** A world whose answers, and how long they take, follow from what was done so far; any number of steps go on at once. */
export function stragglingWorld(clock: VirtualClock, times: StepTimes): Environment<History> {
  const answer = async (task: string, history: History): Promise<Transition<History>> => {
    const random = randomSource(['straggling', task, ...history]);
    const slow = random.uniform() < times.slowShare ? times.slowFactor : 1;
    await clock.sleep(times.median * Math.exp(times.spread * random.normal()) * slow);
    const ended = history.length > 1 && random.uniform() < times.end;
    return {
      state: history,
      observation: `Step ${history.length}.`,
      score: ended ? 1 : 0,
      status: ended ? 'success' : 'running',
    };
  };
  return {
    id: 'straggling',
    tasks: ({ split, count = 1 }): Task[] =>
      Array.from({ length: count }, (_, i) => ({
        id: taskId(`${split}-${i}`),
        environment: 'straggling',
        split,
        data: null,
      })),
    // The state's first part is the task, so that a step needs nothing else.
    reset: async (task): Promise<Start<History>> => ({
      ...(await answer('', [task.id])),
      instruction: 'Go on.',
    }),
    step: (history, action) => answer('', [...history, action]),
  };
}
