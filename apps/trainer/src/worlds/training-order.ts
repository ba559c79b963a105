import { InvalidInputError, randomSource, type RandomKey, type Task } from '@spark-rl/core';

import type { World } from './world.js';

/**
 * `count` tasks from place `from` of an endless sequence that goes through all tasks, each time in a new order: task by epoch, without
 * replacement. What stands at a place follows from the key alone.
 *
 * @throws InvalidInputError when there is no task
 */
export function tasksByEpoch(
  all: readonly Task[],
  key: RandomKey,
  from: number,
  count: number,
): readonly Task[] {
  if (all.length === 0) {
    throw new InvalidInputError('there is no task to learn from', {
      field: 'environment',
      remedy: 'Give a world whose training split has tasks: more products, more games, more kinds.',
    });
  }
  const chosen: Task[] = [];
  for (let epoch = Math.floor(from / all.length); chosen.length < count; epoch++) {
    const order = randomSource([...key, 'epoch', epoch]).shuffle(all);
    const start = Math.max(0, from - epoch * all.length);
    chosen.push(...order.slice(start, start + count - chosen.length));
  }
  return chosen;
}

/**
 * The tasks of a step of reinforcement, counted from 1: those of the world, or, with a pool, of the first so many of them in a new order
 * each time round.
 */
export async function tasksOfStep(
  { trainingTasks }: Pick<World, 'trainingTasks'>,
  { seed, pool }: { readonly seed: number; readonly pool: number | null },
  step: number,
  count: number,
): Promise<readonly Task[]> {
  if (pool === null) return trainingTasks(seed, step, count);
  const all = await trainingTasks(seed, 1, pool);
  return tasksByEpoch(all, [seed, 'pool'], (step - 1) * count, count);
}

/** Where a run takes its tasks from. */
export interface TaskOrder {
  readonly seed: number;
  readonly pool: number | null;
  /** Tasks that a step begins with: the order is that of steps which take so many. */
  readonly tasksPerStep: number;
}

/**
 * `count` tasks from place `from` of the order in which a run takes them: those of its steps one after another. A step that takes more
 * than `tasksPerStep` goes on in the same order, and so does the next one after it. What stands at a place follows from the seed alone.
 */
export async function tasksFrom(
  world: Pick<World, 'trainingTasks'>,
  { tasksPerStep, ...order }: TaskOrder,
  from: number,
  count: number,
): Promise<readonly Task[]> {
  const chosen: Task[] = [];
  for (let at = from; chosen.length < count; at = from + chosen.length) {
    const block = await tasksOfStep(world, order, Math.floor(at / tasksPerStep) + 1, tasksPerStep);
    const start = at % tasksPerStep;
    chosen.push(...block.slice(start, start + count - chosen.length));
  }
  return chosen;
}
