import { dirname, join, relative } from 'node:path';

import { AbortedError, InvalidInputError } from '@spark-rl/core';
import { configHash, createRun, type Manifest, type Run } from '@spark-rl/run-store';

import { missingFiles, refuseMissing } from '../config/missing-files.js';
import { resolveConfig, type ResolvedConfig } from '../config/resolve-config.js';
import type { TrainConfig } from '../config/schema.js';
import { chooseEngine } from '../engines.js';
import { renderEvaluations } from '../output/evaluations.js';
import { standardOutput, type Output } from '../output/progress.js';
import { showEvent } from '../output/result.js';
import { renderSummary } from '../pipeline/summary.js';
import type { RunContext } from '../pipeline/run-context.js';
import { settleModel } from '../pipeline/settle-model.js';
import { trainRun, warmUpRun } from '../pipeline/train-run.js';
import { wilsonInterval } from '../statistics/intervals.js';
import { programVersions } from '../program-versions.js';
import { withStopSignal } from '../stop-signal.js';
import { openWorld, type World } from '../worlds/world.js';
import { dryRun } from './dry-run.js';
import { writeRunPage } from './studio/run-page.js';

export interface TrainOptions {
  readonly preset?: string;
  readonly env?: string;
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly seed?: number;
  readonly engine?: string;
  readonly out: string;
  readonly id?: string;
  readonly set: readonly string[];
}

/** A folder as the user would type it: relative where it lies below the working directory. */
function shown(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path === '' || path.startsWith('..') ? folder : path;
}

/** `2026-01-02T03:04:05.678Z` as `20260102-030405`. */
const timestamp = (now: Date): string =>
  now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');

/** One page of the run with the trees of its last step. Training is done by then: where the page cannot be written, that is said and no more. */
async function writeReport({ run, output }: RunContext, steps: number): Promise<string> {
  const file = join(run.folder, 'report.html');
  try {
    await writeRunPage(run.folder, file, { from: steps, to: steps }, output.write);
    return `The report is ${shown(file)}; open it in a browser.\n`;
  } catch (cause) {
    return `The report could not be written: ${cause instanceof Error ? cause.message : String(cause)}\n`;
  }
}

/** What is done with a run, and what is said of it afterwards: to programs and to people. */
type Stage = (context: RunContext) => Promise<{ readonly facts: object; readonly text: string }>;

const wholeTraining: Stage = async (context) => {
  const folder = shown(context.run.folder);
  const summary = await trainRun(context);
  const report = await writeReport(context, summary.steps);
  const text =
    `\n${renderSummary(summary)}` +
    (context.config.model.from === 'scratch'
      ? '\nA small model trained from scratch in a small world: it shows that the pipeline learns, not what SPARK does for large models.\n'
      : '\n') +
    report +
    `Everything is in ${folder} (summary.json, metrics.jsonl, trees, checkpoints).\n` +
    `Its trees, one by one: npm run -s spark-rl -- studio --runs ${shown(dirname(context.run.folder))}\n` +
    `Beside chain GRPO and more warm-up: npm run -s spark-rl -- compare --run ${folder}\n`;
  return { facts: { summary }, text };
};

const warmUpOnly: Stage = async (context) => {
  const { at1, at04 } = await warmUpRun(context);
  const folder = shown(context.run.folder);
  const text =
    `\n${renderEvaluations([{ single: at1 }, { single: at04 }])}` +
    `\nThe warm-up is in ${folder}/checkpoints/warmup. Reinforce it with:\n` +
    `  npm run -s spark-rl -- resume ${folder}\n`;
  const warmup = [at1, at04].map(({ temperature, successes }) => ({
    temperature,
    success: wilsonInterval(successes),
  }));
  return { facts: { warmup }, text };
};

/** The same run, which also tells a program of every measurement that it records. */
const telling = (run: Run, output: Output): Run => ({
  ...run,
  recordMetrics: async (row) => {
    await run.recordMetrics(row);
    showEvent(output, 'metrics', row);
  },
});

/** Trains a run that is open, says how it went, and closes it. Stopped by the user, it says how to go on. */
export async function trainAndReport(
  run: Run,
  config: TrainConfig,
  engineName: string,
  output: Output,
  stage: Stage = wholeTraining,
): Promise<number> {
  const engine = await chooseEngine(engineName).catch(async (cause: unknown) => {
    await run.close();
    throw cause;
  });
  let world: World | undefined;
  try {
    output.write(`engine ${engine.id}: ${engine.device}\nrun folder ${shown(run.folder)}\n\n`);
    showEvent(output, 'started', { folder: run.folder, engine: engine.id, device: engine.device });
    world = await openWorld(config);
    const context = { run: telling(run, output), config, world, engine, output };
    const { facts, text } = await withStopSignal(output.write, (signal) =>
      stage({ ...context, signal }),
    );
    if (output.json === undefined) output.write(text);
    showEvent(output, 'finished', { folder: run.folder, ...facts });
    return 0;
  } catch (cause) {
    // What the configuration makes impossible stays so.
    if (cause instanceof InvalidInputError) throw cause;
    output.write(
      `\n${cause instanceof AbortedError ? 'Stopped' : 'Failed'}. What is done is kept; go on with:\n` +
        `  npm run -s spark-rl -- resume ${shown(run.folder)}\n`,
    );
    showEvent(output, 'stopped', { folder: run.folder, resume: `spark-rl resume ${run.folder}` });
    throw cause;
  } finally {
    await world?.close?.();
    await run.close();
    await engine.dispose();
  }
}

/** How a run is called that is given no name. */
const nameOf = ({ preset, env }: ResolvedConfig): string =>
  env === 'alfworld' || preset.includes(env) ? preset : `${preset}-${env}`;

/** `spark-rl train`: a new run from a preset. */
export const trainCommand = (
  options: TrainOptions,
  output: Output = standardOutput,
): Promise<number> => newRun(options, output, wholeTraining);

/** `spark-rl sft`: the warm-up of a new run, measured; `resume` goes on with reinforcement. */
export const sftCommand = (options: TrainOptions, output: Output): Promise<number> =>
  newRun(options, output, warmUpOnly);

/** Refuses a flag that a setting contradicts. */
function refuseTwice({ set, ...options }: TrainOptions, field: 'seed' | 'engine'): void {
  const said = set.findLast((setting) => setting.startsWith(`${field}=`))?.slice(field.length + 1);
  const given = options[field];
  if (said === undefined || given === undefined || said === String(given)) return;
  throw new InvalidInputError(
    `--${field} ${given} and --set ${field}=${said} contradict each other`,
    {
      field: `--${field}`,
      value: given,
      remedy: 'Give one of them.',
    },
  );
}

async function newRun(options: TrainOptions, output: Output, stage: Stage): Promise<number> {
  refuseTwice(options, 'seed');
  refuseTwice(options, 'engine');
  const settings = [
    ...options.set,
    ...(options.seed === undefined ? [] : [`seed=${options.seed}`]),
    ...(options.engine === undefined ? [] : [`engine=${options.engine}`]),
  ];
  const resolved = await resolveConfig({ ...options, set: settings });
  if (options.dryRun === true) return dryRun(resolved.config, output);
  refuseMissing(missingFiles(resolved.config));
  const { config, baseModel } = await settleModel(resolved.config);
  // What can fail for the configuration's sake fails before the run folder is made, and leaves nothing behind.
  await (await openWorld(config)).close?.();
  if (resolved.file !== undefined) output.write(`configuration ${resolved.file}\n`);
  const engine = await chooseEngine(config.engine);
  const now = new Date();
  const manifest: Manifest = {
    format: 1,
    id: options.id ?? `${nameOf(resolved)}-${config.seed}-${timestamp(now)}`,
    createdAt: now.toISOString(),
    command: process.argv.slice(2),
    seed: config.seed,
    config: config,
    configHash: configHash(config),
    ...(baseModel !== undefined && { baseModel }),
    engine: engine.id,
    device: engine.device,
    versions: await programVersions(),
  };
  await engine.dispose();
  const run = await createRun(options.out, manifest);
  return trainAndReport(run, config, engine.id, output, stage);
}
