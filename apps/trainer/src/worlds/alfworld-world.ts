import { someEnvironment, type Environment, type Task } from '@spark-rl/core';
import {
  alfworldBrief,
  alfworldEnvironment,
  householdEnvironment,
  householdExpert,
  openGameFolder,
  type AlfworldState,
} from '@spark-rl/env-alfworld';

import type { AlfworldConfig } from '../config/environment-schema.js';
import { levelledSplits, type LevelledSplits } from './levels.js';
import { listOf } from './task-list.js';
import { tasksByEpoch } from './training-order.js';
import type { WorldParts } from './world.js';

type Games = Pick<WorldParts, 'trainingTasks'> & {
  readonly environment: Environment<AlfworldState>;
};

/** Games made as they are asked for: every step has its own, and none is ever seen again. */
function generatedGames(
  { size, kinds, rooms, maxTurns, heldOut }: AlfworldConfig,
  split: string,
): Games {
  const environment = householdEnvironment({ size, kinds, rooms, heldOut, maxSteps: maxTurns });
  return {
    environment,
    trainingTasks: (seed, step, count) =>
      listOf(environment.tasks({ split, seed: seed * 1_000_000 + step, count })),
  };
}

/** Real games, read when they are played. */
async function gamesIn(
  folder: string,
  { kinds, maxTurns, heldOut }: AlfworldConfig,
  split: string,
): Promise<Games> {
  const source = await openGameFolder(folder, { heldOut });
  const environment = alfworldEnvironment({ source, maxSteps: maxTurns });
  let known: readonly Task[] | undefined;
  return {
    environment,
    trainingTasks: async (seed, step, count) => {
      known ??= await listOf(environment.tasks({ split, kinds }));
      const key = [seed, step === 0 ? 'warm-up' : 'reinforce'];
      return tasksByEpoch(known, key, Math.max(0, step - 1) * count, count);
    },
  };
}

/** ALFWorld, generated or real. Its first observation says the task. */
export async function alfworldWorld(config: AlfworldConfig): Promise<WorldParts> {
  const { training, ...splits }: LevelledSplits = levelledSplits(
    ['valid_unseen', 'valid_seen', 'train'],
    config.heldOut,
  );
  const { environment, trainingTasks } = await (config.games === null
    ? generatedGames(config, training)
    : gamesIn(config.games, config, training));
  const kinds = config.games === null ? {} : { kinds: config.kinds };
  return {
    environment: someEnvironment(environment),
    expert: householdExpert(config.expert),
    brief: alfworldBrief(),
    splits,
    tasks: (split, seed, count) => listOf(environment.tasks({ split, seed, count, ...kinds })),
    trainingTasks,
    tellsTask: true,
  };
}
