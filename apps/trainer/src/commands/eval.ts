import { InvalidInputError, parseInput } from '@spark-rl/core';
import { openCheckpoints, readManifest } from '@spark-rl/run-store';
import { join } from 'node:path';

import { trainConfigSchema } from '../config/schema.js';
import { chooseEngine } from '../engines.js';
import { startProgress, type Output } from '../output/progress.js';
import { percent, renderTable } from '../output/table.js';
import { loadCheckpoint } from '../pipeline/checkpoint.js';
import { evaluatePolicy, type Evaluation } from '../pipeline/evaluate.js';
import { withPolicy } from '../pipeline/run-context.js';
import { showRate } from '../pipeline/summary.js';
import { openWorld } from '../pipeline/world.js';
import { wilsonInterval } from '../statistics/intervals.js';
import { withStopSignal } from '../stop-signal.js';

export interface EvalOptions {
  readonly checkpoint: string;
  readonly episodes: number;
  readonly split: string;
  readonly seed?: number;
  readonly temperature: readonly string[];
  readonly engine: string;
  readonly json: boolean;
}

const SPLITS = ['valid_unseen', 'valid_seen', 'train'];

function temperatureOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 2) return value;
  throw new InvalidInputError(`--temperature ${text} is not a number from 0 to 2`, {
    field: '--temperature',
    value: text,
    remedy: 'Give numbers such as 1 or 0.4.',
  });
}

function rows(evaluation: Evaluation): string[][] {
  const kinds = [...new Set(evaluation.kinds)].sort();
  const of = (kind: string): boolean[] =>
    evaluation.successes.filter((_, i) => evaluation.kinds[i] === kind);
  const label = `temperature ${evaluation.temperature}`;
  return [
    [
      label,
      'all',
      String(evaluation.successes.length),
      showRate(wilsonInterval(evaluation.successes)),
    ],
    ...kinds.map((kind) => [
      label,
      kind,
      String(of(kind).length),
      showRate(wilsonInterval(of(kind))),
    ]),
  ];
}

/** `spark-rl eval`: success of a checkpoint with 95 % intervals, over all games and for each kind of task. */
export async function evalCommand(
  folder: string,
  options: EvalOptions,
  output: Output,
): Promise<number> {
  const manifest = await readManifest(folder);
  const config = parseInput(
    trainConfigSchema,
    manifest.config,
    `${folder}/manifest.json: config`,
    'Restore the manifest from a copy.',
  );
  if (!SPLITS.includes(options.split)) {
    throw new InvalidInputError(`there is no split ${options.split}`, {
      field: '--split',
      value: options.split,
      remedy: `Choose one of: ${SPLITS.join(', ')}.`,
    });
  }
  const temperatures = options.temperature.map(temperatureOf);
  const checkpoint = await loadCheckpoint(
    openCheckpoints(join(folder, 'checkpoints')),
    options.checkpoint,
    config.model,
  );
  const engine = await chooseEngine(options.engine);
  const world = openWorld(config);
  const seed = options.seed ?? config.evaluation.seed;
  const tasks = world.tasks(options.split, seed, options.episodes);
  const quiet: Output = { write: () => undefined, interactive: false };
  const bar = startProgress(
    options.json ? quiet : output,
    'measuring',
    temperatures.length * tasks.length,
  );
  try {
    const evaluations = await withStopSignal(output.write, (signal) =>
      withPolicy(engine, checkpoint.model, options.checkpoint, async (policy) => {
        const done: Evaluation[] = [];
        for (const temperature of temperatures) {
          done.push(
            await evaluatePolicy({
              world,
              policy,
              tasks,
              temperature,
              config,
              seed,
              signal,
              onEpisode: (finished) => bar.update(done.length * tasks.length + finished),
            }),
          );
        }
        return done;
      }),
    );
    bar.stop();
    if (options.json) {
      output.write(
        `${JSON.stringify(
          evaluations.map((each) => ({ ...each, ...wilsonInterval(each.successes) })),
          null,
          2,
        )}\n`,
      );
      return 0;
    }
    output.write(
      `\n${options.checkpoint} of ${folder}, ${options.split}, one sampled episode of each game\n`,
    );
    output.write(renderTable(['', 'kind', 'games', 'success [95 %]'], evaluations.flatMap(rows)));
    for (const each of evaluations) {
      output.write(
        `temperature ${each.temperature}: ${each.meanTurns.toFixed(1)} turns per episode, explore ratio ${percent(each.exploreRatio)}, invalid responses ${percent(each.invalidRatio)}\n`,
      );
    }
    return 0;
  } finally {
    await engine.dispose();
  }
}
