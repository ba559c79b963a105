// How the weight of a shared turn acts on the explore tag: from the warm-up of each given run, trains with `sum`, `mean` and `reach`
// and as separate chains, for the same number of generated tokens. Usage: npm run study:weights -- TOKENS RUN...; without runs it draws
// docs/weights-study.json again.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import {
  configHash,
  createRun,
  openCheckpoints,
  openRun,
  readManifest,
  readMetrics,
} from '@spark-rl/run-store';

import { trainConfigSchema, type TrainConfig } from '../../apps/trainer/src/config/schema.js';
import { chooseEngine } from '../../apps/trainer/src/engines.js';
import { renderChart } from '../../apps/trainer/src/output/chart.js';
import { standardOutput } from '../../apps/trainer/src/output/progress.js';
import { loadCheckpoint } from '../../apps/trainer/src/pipeline/checkpoint.js';
import { reinforce } from '../../apps/trainer/src/pipeline/reinforce.js';
import { evaluateCheckpoint } from '../../apps/trainer/src/pipeline/train-run.js';
import { openWorld } from '../../apps/trainer/src/worlds/world.js';
import { weightsChart } from './weights-chart.js';
import { METHODS, type StudiedMethod, type StudiedRun } from './weights-run.js';

const share = (values: readonly boolean[]): number => values.filter(Boolean).length / values.length;

function configOf(base: TrainConfig, method: StudiedMethod, tokens: number): TrainConfig {
  return {
    ...base,
    rollout: { ...base.rollout, method: method === 'chain' ? 'chain' : 'spark' },
    learning: { ...base.learning, weights: method === 'chain' ? 'mean' : method },
    reinforcement: { ...base.reinforcement, tokens, maxSteps: 10_000, checkpointEvery: 1000 },
  };
}

async function study(folder: string, method: StudiedMethod, tokens: number): Promise<StudiedRun> {
  const base = await readManifest(folder);
  const given = trainConfigSchema.parse(base.config);
  const warm = await loadCheckpoint(
    openCheckpoints(join(folder, 'checkpoints')),
    'warmup',
    given.model,
  );
  const config = configOf(given, method, tokens);
  const json = config as unknown as typeof base.config;
  const root = join('runs', 'weights-study');
  mkdirSync(root, { recursive: true });
  const id = `seed-${given.seed}-${method}-${tokens}`;
  const run = await openRun(join(root, id)).catch(() =>
    createRun(root, { ...base, id, config: json, configHash: configHash(json) }),
  );
  const engine = await chooseEngine(base.engine);
  try {
    const context = {
      run,
      config,
      engine,
      world: await openWorld(config),
      output: standardOutput,
      signal: new AbortController().signal,
    };
    const before = await evaluateCheckpoint(context, 'warmup', warm);
    const final = await reinforce(context, warm);
    const after = await evaluateCheckpoint(context, 'final', final);
    let generated = 0;
    const steps = (await readMetrics(run.folder)).map((row) => {
      generated += Number(row['rollout/tokens_generated']);
      return {
        tokens: generated,
        explore: Number(row['explore/share']),
        success: Number(row['rollout/success']),
      };
    });
    return {
      seed: given.seed,
      method,
      steps,
      success: share(after.at1.successes),
      exploreAfter: after.at1.exploreRatio,
      successBefore: share(before.at1.successes),
      exploreBefore: before.at1.exploreRatio,
    };
  } finally {
    await run.close();
    await engine.dispose();
  }
}

interface Study {
  readonly tokens: number;
  readonly runs: readonly StudiedRun[];
}

const docs = new URL('../../docs/', import.meta.url).pathname;
const recorded = join(docs, 'weights-study.json');

async function studyAll(tokens: number, folders: readonly string[]): Promise<Study> {
  const runs: StudiedRun[] = [];
  for (const folder of folders) {
    for (const method of METHODS) {
      console.log(`\n${basename(folder)}: ${method}`);
      runs.push(await study(folder, method, tokens));
    }
  }
  return { tokens, runs };
}

const [given, ...folders] = process.argv.slice(2);
if (given !== undefined && (!/^\d+$/.test(given) || folders.length === 0)) {
  console.error(
    'Usage: npm run study:weights -- TOKENS RUN... (finished or warmed-up runs of different seeds)',
  );
  process.exit(1);
}
const result =
  given === undefined
    ? (JSON.parse(readFileSync(recorded, 'utf8')) as Study)
    : await studyAll(Number(given), folders);
writeFileSync(recorded, `${JSON.stringify(result, null, 1)}\n`);
const { runs, tokens } = result;
writeFileSync(
  join(docs, 'weights-study.svg'),
  `${await renderChart(weightsChart(runs, tokens))}\n`,
);
console.log('\n| seed | method | success before | after | explore share before | after |');
for (const each of runs) {
  const cells = [each.successBefore, each.success, each.exploreBefore, each.exploreAfter];
  console.log(
    `| ${each.seed} | ${each.method} | ${cells.map((cell) => (100 * cell).toFixed(1)).join(' | ')} |`,
  );
}
