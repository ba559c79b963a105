import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { InvalidInputError, parseInput } from '@spark-rl/core';
import {
  configHash,
  createRun,
  openCheckpoints,
  openRun,
  readManifest,
  type Manifest,
  type Run,
} from '@spark-rl/run-store';
import type { Engine } from '@spark-rl/tensor';

import { trainConfigSchema, type TrainConfig } from '../config/schema.js';
import { chooseEngine } from '../engines.js';
import { formatCount, formatSeconds, type Output } from '../output/progress.js';
import { renderTable } from '../output/table.js';
import { loadCheckpoint, type RunCheckpoint } from '../pipeline/checkpoint.js';
import {
  readEvaluation,
  writeEvaluation,
  type StoredEvaluation,
} from '../pipeline/evaluation-file.js';
import { reinforce } from '../pipeline/reinforce.js';
import type { RunContext } from '../pipeline/run-context.js';
import { showDifference, showRate } from '../pipeline/summary.js';
import { evaluateCheckpoint } from '../pipeline/train-run.js';
import { warmUp } from '../pipeline/warm-up.js';
import { openWorld } from '../worlds/world.js';
import { pairedDifference, wilsonInterval } from '../statistics/intervals.js';
import { withStopSignal } from '../stop-signal.js';

export interface CompareOptions {
  readonly preset: string;
  readonly run?: string;
  readonly out: string;
  readonly engine?: string;
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The newest finished run of a preset; comparisons themselves (their ids hold a `+`) do not count. */
async function latestRun(out: string, preset: string): Promise<string> {
  const names = await readdir(out).catch(() => []);
  const finished: { readonly folder: string; readonly time: string }[] = [];
  for (const name of names) {
    const folder = join(out, name);
    if (
      !/^\d+-\d/.test(name.slice(preset.length + 1)) ||
      !name.startsWith(`${preset}-`) ||
      name.includes('+') ||
      !(await isFile(join(folder, 'summary.json')))
    )
      continue;
    finished.push({ folder, time: (await readManifest(folder)).createdAt });
  }
  const newest = finished.sort((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
  if (newest !== undefined) return newest.folder;
  throw new InvalidInputError(`there is no finished run of the preset ${preset} in ${out}`, {
    field: '--run',
    remedy: `Train one first (npm run -s spark-rl -- train --preset ${preset}), or name one with --run.`,
  });
}

/** Opens the run of a comparison beside the base run, or begins it. */
async function comparisonRun(
  base: Manifest,
  root: string,
  name: string,
  config: TrainConfig,
): Promise<Run> {
  const id = `${base.id}+${name}`;
  if (await isFile(join(root, id, 'manifest.json'))) return openRun(join(root, id));
  const json = config as unknown as Manifest['config'];
  return createRun(root, {
    ...base,
    id,
    createdAt: new Date().toISOString(),
    command: process.argv.slice(2),
    config: json,
    configHash: configHash(json),
  });
}

interface Row {
  readonly label: string;
  readonly evaluation: StoredEvaluation;
  readonly tokens: number;
  readonly seconds: number;
}

/** Everything that two comparisons have in common. */
interface Base {
  readonly manifest: Manifest;
  readonly config: TrainConfig;
  readonly root: string;
  readonly warm: RunCheckpoint;
  readonly final: RunCheckpoint;
  readonly warmEvaluation: StoredEvaluation;
  readonly finalEvaluation: StoredEvaluation;
}

const notFinished = (folder: string): InvalidInputError =>
  new InvalidInputError(`the run ${folder} is not finished`, {
    field: '--run',
    value: folder,
    remedy: `Finish it first: npm run -s spark-rl -- resume ${folder}`,
  });

async function readBase(folder: string): Promise<Base> {
  const run = await openRun(folder);
  try {
    const { manifest } = run;
    const config = parseInput(
      trainConfigSchema,
      manifest.config,
      `${folder}/manifest.json: config`,
    );
    const checkpoints = openCheckpoints(join(folder, 'checkpoints'));
    if (!(await checkpoints.has('final'))) throw notFinished(folder);
    const [warm, final] = await Promise.all(
      ['warmup', 'final'].map((name) => loadCheckpoint(checkpoints, name, config.model)),
    );
    const warmEvaluation = await readEvaluation(run, 'warmup');
    const finalEvaluation = await readEvaluation(run, 'final');
    if (
      warm === undefined ||
      final === undefined ||
      warmEvaluation === undefined ||
      finalEvaluation === undefined
    ) {
      throw notFinished(folder);
    }
    return {
      manifest,
      config,
      root: dirname(resolve(folder)),
      warm,
      final,
      warmEvaluation,
      finalEvaluation,
    };
  } finally {
    await run.close();
  }
}

type Work = (context: RunContext) => Promise<Row>;

async function within(
  base: Base,
  name: string,
  config: TrainConfig,
  shared: { readonly engine: Engine; readonly output: Output; readonly signal: AbortSignal },
  work: Work,
): Promise<Row> {
  const run = await comparisonRun(base.manifest, base.root, name, config);
  const world = await openWorld(config);
  try {
    return await work({ ...shared, run, config, world });
  } finally {
    await world.close?.();
    await run.close();
  }
}

/** Chain GRPO from the same warm-up model: N separate episodes a task, until as many tokens were generated as SPARK took. */
const chainWork =
  (base: Base): Work =>
  async (context) => {
    if ((await readEvaluation(context.run, 'warmup')) === undefined) {
      await writeEvaluation(context.run, 'warmup', base.warmEvaluation);
    }
    const final = await reinforce(context, base.warm);
    const evaluation = await evaluateCheckpoint(context, 'final', final);
    return {
      label: 'chain GRPO, equal tokens',
      evaluation,
      tokens: final.progress.generatedTokens,
      seconds: final.progress.warmupSeconds + final.progress.reinforceSeconds,
    };
  };

/** A warm-up that takes as long as the base run's warm-up and reinforcement together. */
const longerWarmUpWork: Work = async (context) => {
  const warm = await warmUp(context);
  return {
    label: 'more warm-up, equal time',
    evaluation: await evaluateCheckpoint(context, 'warmup', warm),
    tokens: 0,
    seconds: warm.progress.warmupSeconds,
  };
};

function render(base: Base, rows: readonly Row[]): string {
  const spark = base.finalEvaluation;
  const line = (row: Row, temperature: 'at1' | 'at04'): string[] => {
    const { successes } = row.evaluation[temperature];
    return [
      row.label,
      temperature === 'at1' ? '1' : '0.4',
      showRate(wilsonInterval(successes)),
      row.evaluation === spark
        ? ''
        : showDifference(pairedDifference(successes, spark[temperature].successes)),
      row.tokens === 0 ? '-' : formatCount(row.tokens),
      formatSeconds(row.seconds),
    ];
  };
  return renderTable(
    [
      '',
      'temperature',
      'success [95 %]',
      'SPARK is better by, in points [95 %]',
      'tokens generated',
      'training time, warm-up included',
    ],
    [...rows.map((row) => line(row, 'at1')), ...rows.map((row) => line(row, 'at04'))],
  );
}

/** `spark-rl compare`: chain GRPO at equal generated tokens, and more warm-up in equal time, beside a finished run. */
export async function compareCommand(options: CompareOptions, output: Output): Promise<number> {
  const folder = options.run ?? (await latestRun(options.out, options.preset));
  const base = await readBase(folder);
  const engine = await chooseEngine(options.engine ?? base.manifest.engine);
  const { progress } = base.final;
  const chain: TrainConfig = {
    ...base.config,
    rollout: { ...base.config.rollout, method: 'chain' },
    reinforcement: {
      ...base.config.reinforcement,
      tokens: progress.generatedTokens,
      maxSteps: 10_000,
    },
  };
  // Only training grows with the tokens; games, tokenizer and compilation are paid for once.
  const scale = 1 + progress.reinforceSeconds / base.warm.progress.warmupTrainingSeconds;
  const longer: TrainConfig = {
    ...base.config,
    warmup: { ...base.config.warmup, tokens: Math.round(base.config.warmup.tokens * scale) },
  };
  try {
    output.write(`comparing with ${basename(folder)}\n\n`);
    const rows = await withStopSignal(output.write, async (signal) => {
      const shared = { engine, output, signal };
      return [
        {
          label: 'warm-up alone',
          evaluation: base.warmEvaluation,
          tokens: 0,
          seconds: base.warm.progress.warmupSeconds,
        },
        {
          label: 'SPARK',
          evaluation: base.finalEvaluation,
          tokens: progress.generatedTokens,
          seconds: progress.warmupSeconds + progress.reinforceSeconds,
        },
        await within(base, 'chain', chain, shared, chainWork(base)),
        await within(base, 'warmup', longer, shared, longerWarmUpWork),
      ];
    });
    output.write(`\n${render(base, rows)}`);
    const episodes = base.config.evaluation.episodes;
    output.write(
      `\n${formatCount(episodes)} unseen games, the same for all, one sampled episode each; intervals are of the games, not of training seeds.\n`,
    );
    return 0;
  } finally {
    await engine.dispose();
  }
}
