import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { randomSource } from '@spark-rl/core';

import { runCommand, start } from '../tests/command.js';

const KILLS = 8;
const seed = Number(process.env['LONG_SEED'] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'spark-rl-kill-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const train = (id: string): string[] => [
  ...['train', '--preset', 'smoke', '--out', folder, '--id', id],
  ...['--set', 'warmup.tokens=120000', '--set', 'reinforcement.maxSteps=6'],
];
const weightsOf = (id: string): Buffer =>
  readFileSync(join(folder, id, 'checkpoints', 'final', 'model.safetensors'));

it(`ends with the same weights after kill -9 at ${KILLS} random moments (LONG_SEED=${seed})`, async () => {
  const started = performance.now();
  expect((await runCommand(train('whole'))).code).toBe(0);
  const duration = performance.now() - started;
  const random = randomSource(['kill', seed]);
  for (let kill = 0; kill < KILLS; kill++) {
    const id = `killed-${kill}`;
    const running = start(train(id));
    const timer = setTimeout(() => running.child.kill('SIGKILL'), random.uniform() * duration);
    await running.finished;
    clearTimeout(timer);
    const resumed = await runCommand(['resume', join(folder, id)]);
    // Killed before the manifest was written, there is no run to resume: begin it.
    if (resumed.output.includes('not a run folder')) {
      rmSync(join(folder, id), { recursive: true, force: true });
      expect((await runCommand(train(id))).code).toBe(0);
    } else expect(resumed.code).toBe(0);
    expect(weightsOf(id).equals(weightsOf('whole'))).toBe(true);
  }
}, 900_000);
