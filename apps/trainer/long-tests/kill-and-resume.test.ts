import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { randomSource, type RandomSource } from '@spark-rl/core';
import { readMetrics } from '@spark-rl/run-store';

import { runCommand, start } from '../tests/command.js';

const RUNS = 5;
const KILLS = 8;
const seed = Number(process.env['LONG_SEED'] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'spark-rl-kill-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const train = (id: string): string[] => [
  ...['train', '--preset', 'smoke', '--out', folder, '--id', id],
  ...['--set', 'warmup.tokens=60000', '--set', 'evaluation.episodes=10'],
  ...['--set', 'reinforcement.maxSteps=6', '--set', 'reinforcement.checkpointEvery=4'],
];

/** What a run leaves that does not depend on a clock or a cache: weights, trees, measurements. */
async function resultOf(id: string): Promise<object> {
  const trees = join(folder, id, 'trees');
  return {
    weights: readFileSync(join(folder, id, 'checkpoints', 'final', 'model.safetensors'), 'base64'),
    trees: readdirSync(trees, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.includes('.jsonl'))
      .sort()
      .map((file) => [file, readFileSync(join(trees, file), 'utf8')]),
    metrics: (await readMetrics(join(folder, id))).map((row) =>
      Object.fromEntries(
        Object.entries(row).filter(([name]) => !/seconds|mean_decode_batch/.test(name)),
      ),
    ),
  };
}

/** Runs a command and kills it after `milliseconds`, if it still runs then. */
async function killAfter(milliseconds: number, args: readonly string[]): Promise<number | null> {
  const running = start(args);
  const timer = setTimeout(() => running.child.kill('SIGKILL'), milliseconds);
  const { code, output } = await running.finished;
  clearTimeout(timer);
  // Killed, or come to its end; an error is none of both.
  expect([code, output]).toEqual([code === null ? null : 0, output]);
  return code;
}

/** Begins a run, or goes on with it. Killed before its manifest was written there is nothing to go on with. */
function next(id: string): string[] {
  if (existsSync(join(folder, id, 'manifest.json'))) return ['resume', join(folder, id)];
  rmSync(join(folder, id), { recursive: true, force: true });
  return train(id);
}

async function killAgainAndAgain(
  id: string,
  duration: number,
  random: RandomSource,
): Promise<void> {
  // The first kill anywhere; those after it soon, so that what was just resumed is interrupted again.
  await killAfter(random.uniform() * duration, next(id));
  for (let kill = 1; kill < KILLS; kill++)
    if ((await killAfter(random.uniform() * duration * 0.6, next(id))) === 0) break;
}

it(`ends with the same weights, trees and measurements after up to ${KILLS} kills at random moments of each of ${RUNS} runs (LONG_SEED=${seed})`, async () => {
  const started = performance.now();
  expect((await runCommand(train('whole'))).code).toBe(0);
  const duration = performance.now() - started;
  const whole = await resultOf('whole');
  const random = randomSource(['kill', seed]);
  for (let run = 0; run < RUNS; run++) {
    const id = `killed-${run}`;
    await killAgainAndAgain(id, duration, random);
    const { code, output } = await runCommand(next(id));
    expect([code, output]).toEqual([0, output]);
    expect(await resultOf(id)).toEqual(whole);
  }
}, 1_800_000);
