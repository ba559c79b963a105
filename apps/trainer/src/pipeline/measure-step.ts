import type { Policy } from '@spark-rl/core';

import type { RunProgress } from './checkpoint.js';
import { evaluatePolicy } from './evaluate.js';
import type { RunContext } from './run-context.js';

/** The games of measurements on the way differ from those before and after: the best of many is no fair measure of itself. */
const OTHER_SEED = 1_000_003;

/** What a measurement on the way found. */
export interface StepMeasurement {
  /** By the names of the metrics file. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly best: NonNullable<RunProgress['best']>;
  readonly isBest: boolean;
}

/** Whether a measurement is due after the steps so far. */
export const isDue = ({ config }: Pick<RunContext, 'config'>, steps: number): boolean =>
  config.evaluation.every !== null && steps % config.evaluation.every === 0;

/** Plays the games of measurements on the way at the rollouts' temperature; the best is the highest mean score, the first of equal ones. */
export async function measureStep(
  { config, world, signal }: Pick<RunContext, 'config' | 'world' | 'signal'>,
  policy: Policy,
  progress: RunProgress,
): Promise<StepMeasurement> {
  const { duringEpisodes, seed } = config.evaluation;
  const tasks = await world.tasks(world.splits.unseen, seed + OTHER_SEED, duringEpisodes);
  const { successes, scores, exploreRatio, invalidRatio, meanTurns } = await evaluatePolicy({
    world,
    policy,
    tasks,
    temperature: config.rollout.temperature,
    config,
    seed,
    signal,
  });
  const score = scores.reduce((sum, each) => sum + each, 0) / scores.length;
  const before = progress.best;
  const isBest = before === null || score > before.score;
  return {
    metrics: {
      'eval/success': successes.filter(Boolean).length / successes.length,
      'eval/score': score,
      'eval/turns': meanTurns,
      'eval/explore_share': exploreRatio,
      'eval/invalid_share': invalidRatio,
    },
    best: isBest
      ? { step: progress.steps, score, since: 0 }
      : { ...before, since: before.since + 1 },
    isBest,
  };
}
