import { createRequire } from 'node:module';

import { someEnvironment, type Task } from '@spark-rl/core';
import {
  openSimulators,
  readEpisodes,
  recordedScienceworld,
  SCIENCEWORLD_TOPICS,
  scienceworldBrief,
  scienceworldEnvironment,
  scienceworldExpert,
  selectTasks,
  type RecordedEpisode,
  type ScienceworldEnvironment,
} from '@spark-rl/env-scienceworld';

import type { ScienceworldConfig } from '../config/environment-schema.js';
import { levelledSplits } from './levels.js';
import { listOf } from './task-list.js';
import { tasksByEpoch } from './training-order.js';
import type { WorldParts } from './world.js';

/** The recordings that come with the package. */
const packaged = (): string =>
  createRequire(import.meta.url).resolve(
    '@spark-rl/env-scienceworld/recordings/easy-1.3.0.jsonl.gz',
  );

interface Opened {
  readonly environment: ScienceworldEnvironment;
  readonly close: () => Promise<void>;
}

/** The simulator: as many processes as memory allows. */
async function withJar(config: ScienceworldConfig): Promise<Opened> {
  const { jar, simplifications, tasks, maxTurns, heldOut } = config;
  const pool = await openSimulators({ callOrder: 'lean', ...(jar !== null && { jar }) });
  const environment = scienceworldEnvironment({
    launch: pool.launch,
    capacity: pool.capacity,
    simplifications,
    maxActions: maxTurns,
    version: pool.version,
    heldOut,
    ...(tasks !== null && { tasks }),
  });
  return {
    environment,
    close: async () => {
      await environment.close();
      await pool.close();
    },
  };
}

function fromRecordings(
  { simplifications, maxTurns, heldOut }: ScienceworldConfig,
  episodes: readonly RecordedEpisode[],
): Opened {
  const environment = recordedScienceworld({
    episodes,
    simplifications,
    unrecorded: 'no-effect',
    validActions: 'never',
    maxActions: maxTurns,
    heldOut,
  });
  return { environment, close: environment.close };
}

/** The number and the name of a task's topic. */
function topicOf(kind: string): string {
  const topic = selectTasks(kind)[0]!.topic;
  return `${topic} ${SCIENCEWORLD_TOPICS[topic]!}`;
}

/** ScienceWorld, live or recorded. Its score goes from -100 to 100; success is 100. */
export async function scienceworldWorld(config: ScienceworldConfig): Promise<WorldParts> {
  // A wrong name is said before a simulator is started.
  for (const held of config.heldOut) selectTasks(held, 'environment.heldOut');
  const episodes = await readEpisodes(config.recordings ?? packaged());
  const { environment, close } =
    config.simulator === 'jar' ? await withJar(config) : fromRecordings(config, episodes);
  const expert = scienceworldExpert({ episodes, maxActions: config.maxTurns });
  const { training: split, ...splits } = levelledSplits(
    ['test', 'dev', 'train', 'all'],
    config.heldOut,
  );
  let training: readonly Task[] | undefined;
  return {
    environment: someEnvironment(environment),
    expert,
    brief: scienceworldBrief({ simplifications: config.simplifications }),
    splits,
    topicOf,
    tasks: (split, seed, count) => listOf(environment.tasks({ split, seed, count })),
    trainingTasks: async (seed, step, count) => {
      training ??= await listOf(environment.tasks({ split }));
      // The warm-up has only what the expert can do.
      return step === 0
        ? tasksByEpoch(training.filter(expert.solves), [seed, 'warm-up'], 0, count)
        : tasksByEpoch(training, [seed, 'reinforce'], (step - 1) * count, count);
    },
    tellsTask: false,
    close,
  };
}
