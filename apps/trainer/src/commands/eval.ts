import { InvalidInputError } from '@spark-rl/core';
import { openCheckpoints } from '@spark-rl/run-store';
import { join } from 'node:path';

import { readRecordedConfig } from '../config/recorded-config.js';
import type { TrainConfig } from '../config/schema.js';
import { chooseEngine } from '../engines.js';
import type { Output } from '../output/progress.js';
import { loadCheckpoint } from '../pipeline/checkpoint.js';
import { withPolicy } from '../pipeline/run-context.js';
import { withStopSignal } from '../stop-signal.js';
import { splitOf } from '../worlds/split-of.js';
import { openWorld, type World } from '../worlds/world.js';
import { branchingOf, temperaturesOf, type EvalOptions } from './eval/eval-options.js';
import { measure, showMeasured, type Measurement } from './eval/measure.js';
import { servedModel } from './eval/served-model.js';
import { servedSettings } from './eval/served-settings.js';

async function measurementOf(
  world: World,
  config: TrainConfig,
  options: EvalOptions,
): Promise<Measurement & { readonly split: string }> {
  const split = splitOf(world, options.split);
  const seed = options.seed ?? config.evaluation.seed;
  return {
    world,
    config,
    split,
    seed,
    tasks: await world.tasks(split, seed, options.episodes),
    temperatures: temperaturesOf(options.temperature),
    branching: branchingOf(options),
  };
}

/** Measures a checkpoint of a run. */
async function evalRun(folder: string, options: EvalOptions, output: Output): Promise<number> {
  const config = await readRecordedConfig(folder);
  const checkpoint = await loadCheckpoint(
    openCheckpoints(join(folder, 'checkpoints')),
    options.checkpoint,
    config.model,
  );
  const world = await openWorld(config);
  const measurement = await measurementOf(world, config, options);
  const engine = await chooseEngine(options.engine);
  try {
    const measured = await withStopSignal(output.write, (signal) =>
      withPolicy(engine, checkpoint.model, options.checkpoint, (policy) =>
        measure(policy, measurement, signal, output),
      ),
    );
    const title = `${options.checkpoint} of ${folder}, ${measurement.split}`;
    showMeasured(measured, title, output);
    return 0;
  } finally {
    await engine.dispose();
    await world.close?.();
  }
}

/** Measures a model behind servers. */
async function evalServed(
  folder: string | undefined,
  options: EvalOptions,
  output: Output,
): Promise<number> {
  const run = folder === undefined ? undefined : await readRecordedConfig(folder);
  const { world, config, chat, what } = await servedSettings(run, options);
  const policy = await servedModel(options, chat);
  try {
    const measurement = await measurementOf(world, config, options);
    const measured = await withStopSignal(output.write, (signal) =>
      measure(policy, measurement, signal, output),
    );
    showMeasured(measured, `${policy.model()}, ${what}, ${measurement.split}`, output);
    return 0;
  } finally {
    await policy.close();
    await world.close?.();
  }
}

/**
 * `spark-rl eval`: success of a checkpoint, or of a model behind servers, with 95 % intervals, over all games and for each kind of task;
 * with `--leaves`, also of the path that is chosen from a tree that branches where the agent explores.
 */
export async function evalCommand(
  folder: string | undefined,
  options: EvalOptions,
  output: Output,
): Promise<number> {
  temperaturesOf(options.temperature);
  branchingOf(options);
  if (options.policy !== undefined) return evalServed(folder, options, output);
  if (folder !== undefined) return evalRun(folder, options, output);
  throw new InvalidInputError('there is nothing to measure', {
    field: 'run',
    remedy: 'Give a run folder, such as runs/quickstart-1, or a served model with --policy.',
  });
}
