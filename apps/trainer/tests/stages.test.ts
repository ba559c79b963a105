import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readTrees } from '@spark-rl/run-store';

import { runCommand } from './command.js';

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-stages-'));
const run = join(folder, 'run');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const small = ['--warmup.tokens', '4000', '--evaluation.episodes', '2'];
const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('the stages of a run by themselves', () => {
  it('sft warms up and measures, and resume goes on from there', async () => {
    const sft = await runCommand([
      ...['sft', '--preset', 'smoke', '--out', folder, '--id', 'run', ...small],
    ]);
    expect([sft.code, sft.output]).toEqual([0, expect.stringContaining(`resume ${run}`)]);
    expect(readdirSync(join(run, 'checkpoints'))).toEqual(['warmup']);
    expect(existsSync(join(run, 'trees'))).toBe(false);
    const resumed = await runCommand(['resume', run]);
    expect([resumed.code, resumed.output]).toEqual([0, expect.stringContaining('after SPARK')]);
    expect(readdirSync(join(run, 'checkpoints'))).toContain('final');
  });

  it('rollout grows trees with a checkpoint, the same each time, and goes on with what is there', async () => {
    const grow = (...more: string[]) =>
      runCommand(['rollout', run, '--tasks', '2', '--json', '--rollout.leaves', '6', ...more]);
    const first = await grow('--checkpoint', 'warmup');
    expect([first.code, first.output]).toEqual([0, expect.any(String)]);
    const { out, tasks, split } = json(first.stdout);
    expect({ tasks, split }).toEqual({ tasks: 2, split: 'valid_unseen' });
    const recorded = await readTrees(String(out));
    expect(recorded.map(({ finished }) => finished)).toEqual([true, true]);
    for (const { tree } of recorded) expect(tree.leaves.length).toBeLessThanOrEqual(6);
    const bytes = (of: string): string[] =>
      readdirSync(of)
        .sort()
        .map((name) => readFileSync(join(of, name), 'utf8'));
    const before = bytes(String(out));
    const second = await grow('--checkpoint', 'warmup');
    expect(json(second.stdout)).toEqual(json(first.stdout));
    expect(bytes(String(out))).toEqual(before);
    // Other weights do not go on with them.
    const others = await grow('--checkpoint', 'final', '--out', String(out));
    expect(others.code).toBe(0);
    expect(bytes(String(out))).not.toEqual(before);
  });

  it('rollout lets two checkpoints play the tasks that a step of training was of', async () => {
    const step = join(run, 'trees', 'step-0001');
    const tasksIn = async (of: string): Promise<string[]> =>
      (await readTrees(of)).map(({ tree }) => tree.task.id);
    const trained = await tasksIn(step);
    for (const checkpoint of ['warmup', 'final']) {
      const { code, output, stdout } = await runCommand([
        ...['rollout', run, '--checkpoint', checkpoint, '--seed', '7', '--rollout.leaves', '4'],
        ...['--tasks-of', step, '--json'],
      ]);
      expect([code, output]).toEqual([0, expect.any(String)]);
      expect(json(stdout)).toMatchObject({ tasksOf: step, tasks: trained.length });
      expect(await tasksIn(join(run, 'rollouts', `${checkpoint}-7`))).toEqual(trained);
    }
    // One file of them is the same tree, which is there already.
    const [, second] = readdirSync(step).sort();
    const folder = join(run, 'rollouts', 'final-7');
    const files = (): string[] =>
      readdirSync(folder).map((file) => `${file} ${statSync(join(folder, file)).mtimeMs}`);
    const before = files();
    const one = await runCommand([
      ...['rollout', run, '--seed', '7', '--rollout.leaves', '4'],
      ...['--tasks-of', join(step, second!), '--json'],
    ]);
    expect([one.code, json(one.stdout)['tasks']]).toEqual([0, 1]);
    expect(files()).toEqual(before);
  });

  it('rollout refuses what there is not', async () => {
    for (const [args, message] of [
      [['--checkpoint', 'none'], /none/],
      [['--tasks-of', join(run, 'checkpoints')], /there is no tree at .*checkpoints/],
      [['--split', 'none'], /no split none/],
      [['--rollout.leafs', '2'], /Did you mean leaves/],
    ] as const) {
      const { code, output } = await runCommand(['rollout', run, ...args]);
      expect([code, output]).toEqual([1, expect.stringMatching(message)]);
    }
  });

  it('a dry run does nothing', async () => {
    const { code, output } = await runCommand([
      ...['train', '--preset', 'smoke', '--dry-run', '--json', '--out', join(folder, 'none')],
    ]);
    expect(code).toBe(0);
    expect(json(output)).toMatchObject({
      config: { rollout: { leaves: 8 } },
      plan: { warmupTokens: 30_000 },
      seconds: { warmup: expect.any(Number) as number },
    });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
