import type { Policy, Task } from '@spark-rl/core';

import type { TrainConfig } from '../../config/schema.js';
import { startProgress, type Output } from '../../output/progress.js';
import { evaluatePolicy, type EvaluationOptions } from '../../pipeline/evaluate.js';
import { evaluateBranching, type Measured } from '../../pipeline/evaluate-branching.js';
import { evaluateSamples } from '../../pipeline/evaluate-samples.js';
import type { World } from '../../worlds/world.js';
import type { EvalPlan } from './eval-options.js';

/** The games of a split. */
export interface SplitTasks {
  readonly split: string;
  readonly tasks: readonly Task[];
}

/** What is measured, and how. */
export interface Measurement {
  readonly world: World;
  readonly splits: readonly SplitTasks[];
  /** Splits that were asked for and cannot be measured. */
  readonly notMeasured: readonly { readonly split: string; readonly reason: string }[];
  readonly plan: EvalPlan;
  readonly config: Pick<TrainConfig, 'environment' | 'rollout'>;
  readonly seed: number;
}

/** What was measured of a split at a temperature. */
export type MeasuredSplit = Measured & SplitTasks;

/** One split at one temperature. */
async function measureOnce(
  episodes: EvaluationOptions,
  { sampling, branching, rules }: EvalPlan,
): Promise<Measured> {
  if (sampling === undefined && branching === undefined)
    return { single: await evaluatePolicy(episodes) };
  const apart =
    sampling === undefined ? undefined : await evaluateSamples(episodes, sampling, rules);
  const trees =
    branching === undefined
      ? undefined
      : await evaluateBranching(episodes, branching, rules, apart);
  return {
    single: (apart ?? trees)!.single,
    ...(apart !== undefined && { samples: apart.samples }),
    ...(trees !== undefined && { branching: trees }),
  };
}

/** Measures a policy on each split at each temperature, and shows how far it has come. */
export async function measure(
  policy: Policy,
  { world, splits, plan, config, seed }: Measurement,
  signal: AbortSignal,
  output: Output,
): Promise<readonly MeasuredSplit[]> {
  const treesOfGame = Math.max(
    1,
    Number(plan.sampling !== undefined) + Number(plan.branching !== undefined),
  );
  const total = splits.reduce((sum, { tasks }) => sum + tasks.length, 0);
  const bar = startProgress(output, 'measuring', plan.temperatures.length * treesOfGame * total);
  let finished = 0;
  const onEpisode = (): void => bar.update(++finished);
  try {
    const done: MeasuredSplit[] = [];
    for (const { split, tasks } of splits) {
      for (const temperature of plan.temperatures) {
        const episodes = { world, policy, tasks, temperature, config, seed, signal, onEpisode };
        done.push({ split, tasks, ...(await measureOnce(episodes, plan)) });
      }
    }
    return done;
  } finally {
    bar.stop();
  }
}
