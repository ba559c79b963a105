import type { Task } from '@spark-rl/core';

import type { ExpertEpisode } from '../expert-episode.js';

/** What somebody did to solve a task, without why: observations and actions alone. */
export interface ActionPath {
  readonly task: Task;
  readonly instruction: string;
  /** At least one. */
  readonly steps: readonly {
    /** What was observed before the action. */
    readonly observation: string;
    readonly action: string;
    readonly admissible?: readonly string[];
  }[];
}

/** An episode without its annotations. */
export const actionPath = ({ task, instruction, steps }: ExpertEpisode): ActionPath => ({
  task,
  instruction,
  steps: steps.map(({ observation, admissible, turn }) => ({
    observation,
    action: turn.action,
    ...(admissible === undefined ? {} : { admissible }),
  })),
});
