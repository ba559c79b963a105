import { someEnvironment, type Task } from '@spark-rl/core';
import { corridor, plainProtocol } from '@spark-rl/core/testing';

import { tasksByEpoch } from '../src/worlds/training-order.js';
import type { World } from '../src/worlds/world.js';

/** A world of corridors, whose tasks are always the same `count` ones; trained on in the order of epochs. */
export function corridorWorld(count: number): {
  readonly world: World;
  readonly tasks: readonly Task[];
} {
  const environment = corridor({ length: 6, maxSteps: 50 });
  const tasks = environment.tasks({ split: 'train', count, seed: 3 }) as readonly Task[];
  const world: World = {
    environment: someEnvironment(environment),
    expert: { id: 'none', begin: () => ({ act: () => ({ mode: '', reasoning: '', action: '' }) }) },
    brief: { world: 'A corridor.', actions: [] },
    protocol: plainProtocol(),
    splits: { unseen: 'train', names: ['train'] },
    tasks: () => Promise.resolve(tasks),
    trainingTasks: (seed, step, taken) =>
      Promise.resolve(tasksByEpoch(tasks, [seed], (step - 1) * taken, taken)),
    tellsTask: true,
  };
  return { world, tasks };
}
