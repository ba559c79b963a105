import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';
import { readManifest, writeFileAtomically } from '@spark-rl/run-store';

import { readBase, variantRun, type BaseRun } from '../compare/base-run.js';
import { comparisonChart } from '../compare/compare-chart.js';
import { htmlReport, markdownReport, NOTES, reportTables } from '../compare/report.js';
import { summariseComparison, type ComparedRun, type Comparison } from '../compare/result.js';
import {
  LONGER_WARM_UP,
  runLongerWarmUp,
  runVariant,
  variantConfig,
  type ComparisonContext,
} from '../compare/run-comparison.js';
import { ablations, methodVariants, withShares, type Variant } from '../compare/variants.js';
import { resolveConfig, type ConfigSources } from '../config/resolve-config.js';
import { chooseEngine } from '../engines.js';
import { renderChart } from '../output/chart.js';
import type { Output } from '../output/progress.js';
import { showResult } from '../output/result.js';
import { renderTable } from '../output/table.js';
import { settleModel } from '../pipeline/settle-model.js';
import { warmUpRun } from '../pipeline/train-run.js';
import { programVersions } from '../program-versions.js';
import { withStopSignal } from '../stop-signal.js';
import { openWorld } from '../worlds/world.js';

export interface CompareOptions extends ConfigSources {
  readonly methods: string;
  readonly seeds: string;
  readonly tokens?: number;
  readonly vary: readonly string[];
  readonly shares?: string;
  readonly pool: number;
  readonly run: readonly string[];
  readonly out: string;
  readonly id?: string;
  readonly engine?: string;
}

function numbersOf(text: string, field: string): readonly number[] {
  return text.split(',').map((each) => {
    const value = Number(each);
    if (each.trim() !== '' && Number.isInteger(value) && value >= 0) return value;
    throw new InvalidInputError(`${field} ${text}: ${each} is not a whole number`, {
      field,
      value: text,
      remedy: `Write whole numbers with commas, for example ${field} 1,2,3.`,
    });
  });
}

/** The variants that were asked for; more warm-up is no variant of the configuration, and comes after them. */
function variantsOf(options: CompareOptions): {
  readonly variants: readonly Variant[];
  readonly longerWarmUp: boolean;
} {
  const names = options.methods.split(',').map((name) => name.trim());
  const methods = methodVariants(names.filter((name) => name !== LONGER_WARM_UP).join(','));
  const varied = options.vary.flatMap(ablations);
  const shares = options.shares === undefined ? undefined : numbersOf(options.shares, '--shares');
  const trained = shares === undefined ? methods : withShares(methods, shares, options.pool);
  return {
    variants: [...trained, ...varied],
    longerWarmUp: names.includes(LONGER_WARM_UP),
  };
}

/** The newest finished run below a folder; runs of comparisons (their ids hold a `+`) do not count. */
async function latestRun(out: string): Promise<string> {
  const finished: { readonly folder: string; readonly time: string }[] = [];
  for (const name of await readdir(out).catch(() => [])) {
    const folder = join(out, name);
    if (name.includes('+') || !existsSync(join(folder, 'summary.json'))) continue;
    finished.push({ folder, time: (await readManifest(folder)).createdAt });
  }
  const newest = finished.sort((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
  if (newest !== undefined) return newest.folder;
  throw new InvalidInputError(`there is no finished run in ${out}`, {
    field: '--run',
    remedy: 'Train one first (npm run -s spark-rl -- train), name one with --run, or give --seeds.',
  });
}

/** Makes the warm-ups that the variants begin with, one for each seed. */
async function warmUps(
  options: CompareOptions,
  context: ComparisonContext,
): Promise<readonly BaseRun[]> {
  const bases: BaseRun[] = [];
  for (const seed of numbersOf(options.seeds, '--seeds')) {
    const resolved = await resolveConfig({ ...options, set: [...options.set, `seed=${seed}`] });
    const { config, baseModel } = await settleModel(resolved.config);
    const { engine, output, signal, root } = context;
    const manifest = {
      format: 1 as const,
      id: '',
      createdAt: '',
      command: process.argv.slice(2),
      seed,
      config: config,
      configHash: '',
      ...(baseModel !== undefined && { baseModel }),
      engine: engine.id,
      device: engine.device,
      versions: await programVersions(),
    };
    const run = await variantRun(manifest, root, `seed-${seed}`, config);
    const world = await openWorld(config);
    try {
      output.write(`\nwarm-up of seed ${seed}\n`);
      await warmUpRun({ run, config, world, engine, output, signal });
    } finally {
      await world.close?.();
      await run.close();
    }
    bases.push(await readBase(run.folder));
  }
  return bases;
}

async function compareAll(
  bases: readonly BaseRun[],
  options: CompareOptions,
  context: ComparisonContext,
): Promise<readonly ComparedRun[]> {
  const { variants, longerWarmUp } = variantsOf(options);
  // What a configuration makes impossible fails before anything is trained.
  for (const base of bases)
    for (const variant of variants) variantConfig(base, variant, options.tokens);
  const runs: ComparedRun[] = [];
  for (const base of bases) {
    const done: ComparedRun[] = [];
    for (const variant of variants)
      done.push(await runVariant(base, variant, options.tokens, context));
    // A model that had no warm-up cannot have a longer one.
    if (longerWarmUp && base.warm.progress.warmupTokens > 0)
      done.push(await runLongerWarmUp(base, done[0]!, context));
    runs.push(...done);
  }
  return runs;
}

const wordOf = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replace(/'/g, `'\\''`)}'`;

/**
 * `spark-rl compare`: SPARK beside other ways to train, from the same warm-ups, with equal generated tokens, on the same unseen games.
 * Tables on the terminal; report.html, report.md, report.svg and report.json in the folder of the comparison. What an earlier call with
 * the same settings did is read and not done again.
 */
export async function compareCommand(options: CompareOptions, output: Output): Promise<number> {
  variantsOf(options);
  const given = options.run.length > 0 || options.seeds !== '';
  const folders = given ? options.run : [await latestRun(options.out)];
  const first = folders[0];
  const root = join(options.out, options.id ?? `compare-${basename(first ?? 'seeds')}`);
  const engine = await chooseEngine(
    options.engine ?? (first === undefined ? 'auto' : (await readManifest(first)).engine),
  );
  try {
    const comparison = await withStopSignal(output.write, async (signal): Promise<Comparison> => {
      const context = { root, engine, output, signal };
      const bases = [
        ...(await Promise.all(folders.map(readBase))),
        ...(options.seeds === '' ? [] : await warmUps(options, context)),
      ];
      const runs = await compareAll(bases, options, context);
      const environment = bases[0]!.config.environment.id;
      return {
        title: `SPARK compared, ${environment}, ${bases.length} ${bases.length === 1 ? 'seed' : 'seeds'}`,
        command: `spark-rl ${process.argv.slice(2).map(wordOf).join(' ')}`,
        environment,
        tokens: Math.max(...runs.map(({ tokens }) => tokens)),
        runs,
        before: bases.map(({ config, warmEvaluation }) => ({
          seed: config.seed,
          evaluation: warmEvaluation,
        })),
      };
    });
    const summaries = summariseComparison(comparison);
    const tables = reportTables(comparison, summaries);
    const svg = await renderChart(comparisonChart(comparison));
    const result = { ...comparison, summaries };
    await writeFileAtomically(join(root, 'report.json'), `${JSON.stringify(result, null, 1)}\n`);
    await writeFileAtomically(join(root, 'report.svg'), svg);
    await writeFileAtomically(
      join(root, 'report.md'),
      markdownReport(comparison, tables, 'report.svg'),
    );
    await writeFileAtomically(join(root, 'report.html'), htmlReport(comparison, tables, svg));
    const text = tables.map(({ title, head, rows }) => `\n${title}\n${renderTable(head, rows)}`);
    showResult(
      output,
      result,
      `${text.join('')}\n${NOTES.map((note) => `${note}\n`).join('')}` +
        `\nThe report: ${join(root, 'report.html')}\n`,
    );
    return 0;
  } finally {
    await engine.dispose();
  }
}
