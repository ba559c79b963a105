import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { markdownReport, htmlReport, reportTables } from '../src/compare/report.js';
import { summariseComparison, type ComparedRun, type Comparison } from '../src/compare/result.js';
import { ablations, methodVariants, withShares } from '../src/compare/variants.js';
import type { StoredEvaluation } from '../src/pipeline/evaluation-file.js';
import { tasksOfStep } from '../src/worlds/training-order.js';
import { presetNamed } from '../src/config/presets.js';
import { openWorld } from '../src/worlds/world.js';
import { runCommand } from './command.js';

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-compare-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function evaluation(wins: string): StoredEvaluation {
  const successes = [...wins].map((each) => each === '1');
  const at1 = {
    temperature: 1,
    lost: 0,
    successes,
    scores: successes.map(Number),
    kinds: successes.map(() => 'a'),
    meanTurns: 3,
    exploreRatio: 0.1,
    invalidRatio: 0,
  };
  return { at1, at04: { ...at1, temperature: 0.4 }, seconds: 1 };
}

const run = (seed: number, variant: string, wins: string): ComparedRun => ({
  seed,
  variant,
  label: variant === 'spark' ? 'SPARK' : `<${variant}>`,
  evaluation: evaluation(wins),
  tokens: 1000,
  chainTokens: 2000,
  seconds: 60,
  steps: Array.from({ length: 7 }, (_, i) => ({
    tokens: 150 * (i + 1),
    success: i / 10,
    explore: 0.1,
    repeated: 0.2,
    leaves: 8 - i,
  })),
});

const comparison: Comparison = {
  title: 'A comparison & more',
  command: 'spark-rl compare',
  environment: 'alfworld',
  tokens: 1000,
  runs: [
    run(1, 'spark', '1111111100'),
    run(1, 'chain', '1000000000'),
    run(1, 'random', '1111111100'),
    run(2, 'spark', '1111110000'),
    run(2, 'chain', '1100000000'),
    run(2, 'random', '1111111000'),
  ],
  before: [1, 2].map((seed) => ({ seed, evaluation: evaluation('1000000000') })),
};

describe('a comparison, added up', () => {
  const [spark, chain, random] = summariseComparison(comparison);

  it('pairs games of the same seed', () => {
    expect(spark).toMatchObject({ bySeed: [0.8, 0.6], tokens: 1000, saved: 0.5 });
    expect(spark!.success.rate).toBeCloseTo(0.7);
    // Of 20 pairs SPARK wins 7 + 4 and loses none: a mean of 0.55.
    expect(chain!.standing!.difference.mean).toBeCloseTo(11 / 20);
    expect(chain!.standing).toMatchObject({ seedsAhead: 2, verdict: 'SPARK wins' });
    expect(random!.standing!.difference.mean).toBeCloseTo(-1 / 20);
    expect(random!.standing).toMatchObject({ seedsAhead: 0, verdict: 'a tie' });
    expect(spark!.standing).toBeUndefined();
    // Steps 3 to 7.
    expect(spark!.atTheEnd.success).toBeCloseTo(0.4);
    expect(spark!.atTheEnd.leaves).toBeCloseTo(4);
  });

  it('is told in Markdown and on one page, with nothing taken for markup', () => {
    const tables = reportTables(comparison, summariseComparison(comparison));
    const markdown = markdownReport(comparison, tables, 'p.svg');
    expect(markdown).toContain(
      '| <chain> | 15.0 % [5.2, 36.0] | 10.0 %, 20.0 % | +55.0 [+32.6, +77.4] | 2 of 2 | SPARK wins |',
    );
    // SPARK wins 7 + 5 games of 20 that the warm-ups lose.
    expect(markdown).toMatch(
      /\| warm-up alone \| 10\.0 % \[[^|]*\| 10\.0 %, 10\.0 % \| \+60\.0 \[[^|]*\| 2 of 2 \| SPARK wins \|/,
    );
    const page = htmlReport(comparison, tables, '<svg></svg>');
    expect(page).toContain('<h1>A comparison &amp; more</h1>');
    expect(page).toContain('<th scope="row">&lt;chain&gt;</th>');
  });
});

it('has no numbers of rollouts for a method without any', () => {
  const warmer = { ...run(1, 'longer-warmup', '1000000000'), steps: [] };
  const tables = reportTables(comparison, summariseComparison({ ...comparison, runs: [warmer] }));
  expect(tables.at(-1)!.rows[0]!.slice(-3)).toEqual(['-', '-', '-']);
});

describe('what is compared', () => {
  it('are methods by name, SPARK with other values, and shares of tasks', () => {
    expect(methodVariants('spark, gigpo').map(({ label }) => label)).toEqual([
      'SPARK',
      'GiGPO on chains',
    ]);
    expect(() => methodVariants('sprak')).toThrow(/no method sprak.*Did you mean spark/s);
    expect(
      ablations('rollout.leaves=4,16').map(({ name, settings }) => [name, settings.at(-1)]),
    ).toEqual([
      ['spark-leaves-4', 'rollout.leaves=4'],
      ['spark-leaves-16', 'rollout.leaves=16'],
    ]);
    expect(() => ablations('rollout.leaves')).toThrow(/names no values/);
    const shares = withShares(methodVariants('chain'), [20, 100], 50);
    expect(shares.map(({ settings }) => settings.at(-1))).toEqual([
      'reinforcement.taskPool=10',
      'reinforcement.taskPool=50',
    ]);
  });

  it('a pool of tasks is gone through again and again', async () => {
    const world = await openWorld(presetNamed('smoke'));
    const ids = async (pool: number | null, step: number): Promise<readonly string[]> =>
      (await tasksOfStep(world, { seed: 1, pool }, step, 4)).map(({ data }) =>
        JSON.stringify(data),
      );
    const steps = await Promise.all([1, 2, 3, 4, 5, 6].map((step) => ids(8, step)));
    expect(new Set(steps.flat()).size).toBe(8);
    for (const at of [0, 2, 4]) expect(new Set([...steps[at]!, ...steps[at + 1]!]).size).toBe(8);
    expect(new Set((await Promise.all([1, 2, 3].map((step) => ids(null, step)))).flat()).size).toBe(
      12,
    );
  });

  it('is refused before anything is trained', async () => {
    for (const [args, message] of [
      [['--methods', 'sprak', '--seeds', '1'], /no method sprak/],
      [['--seeds', '1,x'], /x is not a whole number/],
      [['--shares', '20%'], /--shares 20%/],
    ] as const) {
      const { code, output } = await runCommand(['compare', '--out', folder, ...args]);
      expect([code, output]).toEqual([1, expect.stringMatching(message)]);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('begins with a warm-up for each seed, which all variants share', async () => {
    const { code, output } = await runCommand([
      ...['compare', '--preset', 'smoke', '--seeds', '1,2', '--tokens', '2000', '--id', 'seeds'],
      ...['--methods', 'spark,chain', '--vary', 'rollout.width=3', '--out', folder],
      ...['--warmup.tokens', '2000', '--evaluation.episodes', '2'],
    ]);
    expect([code, output]).toEqual([0, expect.stringMatching(/SPARK, width 3/)]);
    const runs = readdirSync(join(folder, 'seeds')).filter((name) => name.startsWith('seed'));
    expect(runs.sort()).toEqual(
      [1, 2].flatMap((seed) =>
        ['', '+chain', '+spark', '+spark-width-3'].map((variant) => `seed-${seed}${variant}`),
      ),
    );
  });
});
