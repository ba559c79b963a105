import { InvalidInputError } from '@spark-rl/core';
import { openCheckpoints } from '@spark-rl/run-store';
import { join } from 'node:path';

import { readRecordedConfig } from '../config/recorded-config.js';
import type { TrainConfig } from '../config/schema.js';
import { chooseEngine } from '../engines.js';
import { renderEvaluations } from '../output/evaluations.js';
import type { Output } from '../output/progress.js';
import { showResult } from '../output/result.js';
import { loadCheckpoint } from '../pipeline/checkpoint.js';
import { withPolicy } from '../pipeline/run-context.js';
import { withStopSignal } from '../stop-signal.js';
import { levelsOf } from '../worlds/levels.js';
import { splitOf } from '../worlds/split-of.js';
import { openWorld, type World } from '../worlds/world.js';
import { evaluationDocument, type Subject } from './eval/document.js';
import { planOf, type EvalOptions } from './eval/eval-options.js';
import { measure, type Measurement, type MeasuredSplit } from './eval/measure.js';
import { servedModel } from './eval/served-model.js';
import { servedSettings } from './eval/served-settings.js';

/** The games that are measured: of one split, or of all levels. */
async function measurementOf(
  world: World,
  config: TrainConfig,
  options: EvalOptions,
): Promise<Measurement> {
  const seed = options.seed ?? config.evaluation.seed;
  const asked =
    options.levels === true
      ? levelsOf(world.splits)
      : { measured: [splitOf(world, options.split)], notMeasured: [] };
  const splits = await Promise.all(
    asked.measured.map(async (split) => ({
      split,
      tasks: await world.tasks(split, seed, options.episodes),
    })),
  );
  const empty = splits.filter(({ tasks }) => tasks.length === 0);
  if (empty.length === splits.length) {
    throw new InvalidInputError(`there is no game in ${asked.measured.join(', ')}`, {
      field: '--split',
      remedy: `Choose another split: ${world.splits.names.join(', ')}.`,
    });
  }
  return {
    world,
    config,
    seed,
    plan: planOf(options),
    splits: splits.filter(({ tasks }) => tasks.length > 0),
    notMeasured: [
      ...empty.map(({ split }) => ({ split, reason: 'there is no such game' })),
      ...asked.notMeasured,
    ],
  };
}

/** Shows what was measured: JSON, or tables below a line that says of what. */
function show(
  output: Output,
  results: readonly MeasuredSplit[],
  measurement: Measurement,
  { title, subject }: { readonly title: string; readonly subject: Subject },
): void {
  const { splits, notMeasured, world } = measurement;
  const names = splits.map(({ split }) => split);
  const several = names.length + notMeasured.length > 1;
  // A single split stands in the title.
  const labelled = results.map(({ split, ...result }) => ({
    ...result,
    ...(several && { split }),
  }));
  const missing = notMeasured.map(({ split, reason }) => `${split} was not measured: ${reason}.\n`);
  showResult(
    output,
    evaluationDocument(subject, measurement, results),
    `\n${title}, ${names.join(', ')}\n${renderEvaluations(labelled, world.topicOf)}${missing.join('')}`,
  );
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
  try {
    const measurement = await measurementOf(world, config, options);
    const engine = await chooseEngine(options.engine);
    try {
      const results = await withStopSignal(output.write, (signal) =>
        withPolicy(engine, checkpoint.model, options.checkpoint, (policy) =>
          measure(policy, measurement, signal, output),
        ),
      );
      show(output, results, measurement, {
        title: `${options.checkpoint} of ${folder}`,
        subject: { run: folder, checkpoint: options.checkpoint, engine: engine.id },
      });
      return 0;
    } finally {
      await engine.dispose();
    }
  } finally {
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
  try {
    const measurement = await measurementOf(world, config, options);
    const policy = await servedModel(options, chat);
    try {
      const results = await withStopSignal(output.write, (signal) =>
        measure(policy, measurement, signal, output),
      );
      show(output, results, measurement, {
        title: `${policy.model()}, ${what}`,
        subject: { model: policy.model(), what, ...(folder !== undefined && { run: folder }) },
      });
      return 0;
    } finally {
      await policy.close();
    }
  } finally {
    await world.close?.();
  }
}

/**
 * `spark-rl eval`: success of a checkpoint, or of a model behind servers, with 95 % intervals, over all games and for each kind of task;
 * with `--samples` also pass@k, with `--leaves` also what is chosen from a tree that branches where the agent explores.
 */
export async function evalCommand(
  folder: string | undefined,
  options: EvalOptions,
  output: Output,
): Promise<number> {
  planOf(options);
  if (options.levels === true && options.split !== undefined) {
    throw new InvalidInputError('--levels and --split ask for different games', {
      field: '--levels',
      remedy: 'Give one of them: --levels measures L0, L1 and L2, --split L1 one of these.',
    });
  }
  if (options.heldOut !== undefined && (options.policy === undefined || folder !== undefined)) {
    throw new InvalidInputError('--held-out is for a served model without a run', {
      field: '--held-out',
      value: options.heldOut,
      remedy: 'What a run holds out is decided when it is trained: environment.heldOut.',
    });
  }
  if (options.policy !== undefined) return evalServed(folder, options, output);
  if (folder !== undefined) return evalRun(folder, options, output);
  throw new InvalidInputError('there is nothing to measure', {
    field: 'run',
    remedy: 'Give a run folder, such as runs/quickstart-1, or a served model with --policy.',
  });
}
