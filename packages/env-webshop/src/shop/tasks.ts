import {
  InvalidInputError,
  parseInput,
  randomSource,
  taskId,
  type Task,
  type TaskQuery,
} from '@spark-rl/core';
import { z } from 'zod';

import type { GoalList } from '../goals/goal.js';
import { goalRange, type GoalSplits } from '../goals/splits.js';

const querySchema = z.object({
  split: z.string(),
  count: z.int().min(0).optional(),
  seed: z.number().optional(),
  kinds: z.array(z.string()).readonly().optional(),
});

const dataSchema = z.object({ goal: z.int().min(0) });

/** The name of this environment in tasks. */
export const ENVIRONMENT = 'webshop';

/**
 * The tasks of a split: one a goal, its kind the category of the product that it was made from. Without a seed they come in
 * the goals' order.
 *
 * @throws InvalidInputError when the query is wrong or the division of goals has no such split
 */
export function listTasks(goals: GoalList, splits: GoalSplits, query: TaskQuery): readonly Task[] {
  const { split, count, seed, kinds } = parseInput(querySchema, query, 'task query');
  const range = goalRange(splits, split);
  if (range === undefined) {
    throw new InvalidInputError(`task query: there is no split ${split}`, {
      field: 'split',
      value: split,
      remedy: `Ask for all, or for one that the division ${splits} has.`,
    });
  }
  const end = Math.min(range.end ?? goals.length, goals.length);
  const places = Array.from({ length: Math.max(0, end - range.start) }, (_, i) => range.start + i);
  const ordered =
    seed === undefined ? places : randomSource([ENVIRONMENT, 'tasks', split, seed]).shuffle(places);
  const tasks: Task[] = [];
  for (const goal of ordered) {
    if (count !== undefined && tasks.length >= count) break;
    const { category } = goals.at(goal);
    if (kinds !== undefined && !kinds.includes(category)) continue;
    tasks.push({
      id: taskId(`goal-${goal}`),
      environment: ENVIRONMENT,
      split,
      kind: category,
      data: { goal },
    });
  }
  return tasks;
}

/** The place of a task's goal. @throws InvalidInputError when the task is not of this shop */
export function goalPlace(goals: GoalList, task: Task): number {
  const { goal } = parseInput(dataSchema, task.data, `data of task ${task.id}`);
  if (goal >= goals.length) {
    throw new InvalidInputError(`task ${task.id}: the shop has no goal ${goal}`, {
      field: 'goal',
      value: goal,
      remedy: 'Play a task in the shop that listed it.',
    });
  }
  return goal;
}
