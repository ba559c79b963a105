import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { configHash } from '@spark-rl/run-store';

import type { Comparison } from '../src/compare/result.js';
import { runCommand, start } from './command.js';

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-train-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const train = (id: string, ...more: string[]): string[] => [
  'train',
  ...['--preset', 'smoke', '--out', folder, '--id', id],
  // A model that knows a little and trees of some depth, in seconds.
  ...[
    '--set',
    'warmup.tokens=60000',
    '--set',
    'reinforcement.maxSteps=3',
    '--set',
    'evaluation.episodes=6',
  ],
  ...more,
];

/** Every tree file of a run, by name: what must be equal byte for byte. */
function treesOf(id: string): Record<string, string> {
  const trees = join(folder, id, 'trees');
  return Object.fromEntries(
    readdirSync(trees)
      .sort()
      .flatMap((step) =>
        readdirSync(join(trees, step))
          .sort()
          .map((file) => [`${step}/${file}`, readFileSync(join(trees, step, file), 'utf8')]),
      ),
  );
}

const summaryOf = (id: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, id, 'summary.json'), 'utf8')) as Record<string, unknown>;

const weightsOf = (id: string): Buffer =>
  readFileSync(join(folder, id, 'checkpoints', 'final', 'model.safetensors'));

/** A summary without what a clock measured. */
const withoutTimes = (summary: Record<string, unknown>): Record<string, unknown> => ({
  ...summary,
  seconds: 0,
  warmupSeconds: 0,
  reinforceSeconds: 0,
  utilisation: {},
  meanDecodeBatch: 0,
  cachedPromptShare: 0,
});

describe('spark-rl train', () => {
  it('trains from nothing to a summary, and the same seed gives the same trees and weights', async () => {
    const first = await runCommand(train('first'));
    expect(first.output).toMatch(/success on unseen games/);
    expect(first.code).toBe(0);
    const report = join(folder, 'first', 'report.html');
    expect(first.output).toContain(`The report is ${report}`);
    const page = readFileSync(report, 'utf8');
    expect(/<title>[^<]*/.exec(page)?.[0]).toContain('first');
    expect(page.match(/id="embedded-tree:step-0003/g)).toHaveLength(2);
    expect(summaryOf('first')).toMatchObject({
      success: {
        warmup: {
          rate: expect.any(Number),
          low: expect.any(Number),
          high: expect.any(Number),
          episodes: 6,
        },
        final: { episodes: 6 },
        difference: { mean: expect.any(Number), low: expect.any(Number), high: expect.any(Number) },
      },
      successAt04: { warmup: { episodes: 6 } },
      tokens: { generated: expect.any(Number), chainEquivalent: expect.any(Number) },
      engine: 'onnx-cpu',
      seed: 1,
      steps: 3,
      failedLeaves: 0,
    });
    // One tree at a time: other batches, other neighbours, the same trees.
    const again = await runCommand(train('again', '--set', 'rollout.concurrency=1'));
    expect(again.code).toBe(0);
    const trees = treesOf('first');
    expect(Object.keys(trees)).toHaveLength(6);
    expect(treesOf('again')).toEqual(trees);
    expect(weightsOf('again').equals(weightsOf('first'))).toBe(true);
    const other = await runCommand(train('other', '--seed', '2'));
    expect(other.code).toBe(0);
    expect(Object.values(treesOf('other'))[0]).not.toEqual(Object.values(trees)[0]);
  });

  it('stops on Ctrl-C in the middle of a step and resumes to the same end', async () => {
    const running = start(train('stopped'));
    await running.sees(/SPARK \.\.\./);
    running.child.kill('SIGINT');
    const stopped = await running.finished;
    expect(stopped.code).toBe(130);
    expect(stopped.output).toMatch(
      /Stopped\. What is done is kept; go on with:\n.*resume .*stopped/,
    );
    const resumed = await runCommand(['resume', join(folder, 'stopped')]);
    expect(resumed.code).toBe(0);
    expect(treesOf('stopped')).toEqual(treesOf('first'));
    expect(weightsOf('stopped').equals(weightsOf('first'))).toBe(true);
    expect(withoutTimes(summaryOf('stopped'))).toEqual(withoutTimes(summaryOf('first')));
  });

  it('resumes after kill -9 during the warm-up', async () => {
    // In CI nothing is said between the beginning and the end.
    const running = start(train('killed'), '', { CI: '' });
    await running.sees(/warm-up \.\.\.\n[^\n]*%/);
    running.child.kill('SIGKILL');
    await running.finished;
    const resumed = await runCommand(['resume', join(folder, 'killed')]);
    expect(resumed.code).toBe(0);
    expect(weightsOf('killed').equals(weightsOf('first'))).toBe(true);
  });

  it('trains trees as tries: the first trees are those of rows, and fewer tokens go through the model', async () => {
    const packed = await runCommand(train('tries', '--set', 'learning.packing=tries'));
    expect(packed.code).toBe(0);
    const firstStep = (id: string): unknown[] =>
      Object.entries(treesOf(id)).filter(([name]) => name.startsWith('step-0001'));
    expect(firstStep('tries').length).toBe(2);
    expect(firstStep('tries')).toEqual(firstStep('first'));
    const firstUpdate = (id: string): Record<string, number> =>
      readFileSync(join(folder, id, 'metrics.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"reinforce"'))
        .map((line) => JSON.parse(line) as Record<string, number>)[0]!;
    const [rows, tries] = [firstUpdate('first'), firstUpdate('tries')];
    expect(tries['learn/padded_tokens']).toBeLessThan(rows['learn/padded_tokens']!);
    expect(tries['actor/grad_norm']).toBeCloseTo(rows['actor/grad_norm']!, 3);
  });

  it('measures a checkpoint by kind of task', async () => {
    const { code, output } = await runCommand([
      'eval',
      join(folder, 'first'),
      '--episodes',
      '6',
      '--temperature',
      '1',
    ]);
    expect(code).toBe(0);
    expect(output).toMatch(/pick_and_place_simple/);
    const json = await runCommand([
      'eval',
      join(folder, 'first'),
      '--episodes',
      '6',
      '--temperature',
      '1',
      '--json',
    ]);
    const { results } = JSON.parse(json.stdout) as {
      results: { episodes: { successes: boolean[] }[] }[];
    };
    const stored = JSON.parse(
      readFileSync(join(folder, 'first', 'evaluation-final.json'), 'utf8'),
    ) as {
      at1: { successes: boolean[] };
    };
    expect(results[0]!.episodes.map(({ successes }) => successes[0])).toEqual(stored.at1.successes);
  });

  it('compares with chain GRPO and more warm-up, and reads what was done when it is asked again', async () => {
    const compare = ['compare', '--run', join(folder, 'first'), '--out', folder, '--id', 'versus'];
    const { code, output } = await runCommand(compare);
    expect([code, output]).toEqual([0, expect.stringMatching(/chain GRPO/)]);
    expect(output).toMatch(/more warm-up, equal time/);
    expect(output).toMatch(/SPARK (wins|loses)|a tie/);
    const read = (name: string): string => readFileSync(join(folder, 'versus', name), 'utf8');
    expect(read('report.md')).toContain('| chain GRPO |');
    expect(read('report.html')).toMatch(/<svg[\s\S]*chain GRPO/);
    expect(read('report.html')).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    const report = JSON.parse(read('report.json')) as Comparison;
    const [spark, chain] = report.runs;
    // The run itself is what SPARK came to; nothing of it is done again.
    const own = JSON.parse(readFileSync(join(folder, 'first', 'summary.json'), 'utf8')) as {
      tokens: { generated: number };
    };
    expect(spark).toMatchObject({ variant: 'spark', tokens: own.tokens.generated });
    expect(readdirSync(join(folder, 'versus')).some((name) => name.endsWith('+spark'))).toBe(false);
    expect(chain!.tokens).toBeGreaterThanOrEqual(own.tokens.generated);
    expect(chain!.evaluation.at1.kinds).toEqual(spark!.evaluation.at1.kinds);
    const again = await runCommand([...compare, '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ runs: report.runs });
    const other = await runCommand([...compare, '--tokens', '99999']);
    expect([other.code, other.output]).toEqual([
      1,
      expect.stringMatching(/made with other settings/),
    ]);
  });

  it('refuses a checkpoint of another model, and leaves the run as it was', async () => {
    cpSync(join(folder, 'first'), join(folder, 'mixed'), { recursive: true });
    const path = join(folder, 'mixed', 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as {
      config: { model: { width: number } };
      configHash: string;
    };
    manifest.config.model.width = 64;
    writeFileSync(path, JSON.stringify(manifest));
    const changed = await runCommand(['resume', join(folder, 'mixed')]);
    expect(changed.code).toBe(1);
    expect(changed.output).toMatch(/configuration was changed after the run began: restore/);
    manifest.configHash = configHash(manifest.config);
    writeFileSync(path, JSON.stringify(manifest));
    rmSync(join(folder, 'mixed', 'checkpoints', 'final'), { recursive: true });
    const { code, output } = await runCommand(['resume', join(folder, 'mixed')]);
    expect(code).toBe(1);
    expect(output).toMatch(/checkpoint is of another model: its width is 32, 64 is asked for/);
  });
});
