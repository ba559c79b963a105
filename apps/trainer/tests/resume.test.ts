import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { readMetrics, readTrees } from '@spark-rl/run-store';

import { isTimed } from '../src/pipeline/metric-names.js';
import { runCommand, start } from './command.js';

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'spark-rl-resume-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A digit. Enough that a step lasts while its first trees are done. */
const TASKS = 8;

const train = (id: string): string[] => [
  ...['train', '--preset', 'smoke', '--out', folder, '--id', id],
  ...['--set', 'warmup.tokens=60000', '--set', 'evaluation.episodes=2'],
  // No checkpoint between the warm-up and the end: everything that a kill leaves is in the trees.
  ...['--set', 'reinforcement.maxSteps=3', '--set', 'reinforcement.checkpointEvery=100'],
  ...['--set', `rollout.tasksPerStep=${TASKS}`, '--set', 'rollout.concurrency=2'],
];

const stepFolder = (id: string, step: number): string =>
  join(folder, id, 'trees', `step-${String(step).padStart(4, '0')}`);

/** Every tree file of a run, by name. */
const treesOf = (id: string): Record<string, string> =>
  Object.fromEntries(
    [1, 2, 3].flatMap((step) =>
      readdirSync(stepFolder(id, step)).map((file) => [
        `${step}/${file}`,
        readFileSync(join(stepFolder(id, step), file), 'utf8'),
      ]),
    ),
  );

const weightsOf = (id: string): Buffer =>
  readFileSync(join(folder, id, 'checkpoints', 'final', 'model.safetensors'));

/** The measurements of all steps without what a clock says. */
const metricsOf = async (id: string): Promise<object[]> =>
  (await readMetrics(join(folder, id))).map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !isTimed(name))),
  );

/** How many trees of a step are there, finished and not. */
async function recordedIn(id: string, step: number): Promise<{ finished: number; begun: number }> {
  const trees = await readTrees(stepFolder(id, step)).catch(() => []);
  const finished = trees.filter((each) => each.finished).length;
  const begun = trees.filter((each) => !each.finished && each.tree.turns.size > 0).length;
  return { finished, begun };
}

/** Kills a run when its second step has a finished tree and one that has begun; begins anew when the run was faster than the kill. */
async function killInSecondStep(id: string): Promise<void> {
  for (let attempt = 0; attempt < 8; attempt++) {
    rmSync(join(folder, id), { recursive: true, force: true });
    const running = start(train(id));
    let ended = false;
    void running.finished.then(() => (ended = true));
    for (;;) {
      const { finished, begun } = await recordedIn(id, 2);
      if (ended || (finished > 0 && begun > 0)) break;
      await wait(2);
    }
    running.child.kill('SIGKILL');
    await running.finished;
    const left = await recordedIn(id, 2);
    if (left.finished > 0 && left.begun > 0) return;
  }
  throw new Error('the second step was never caught half-way');
}

const resume = (id: string, ...more: string[]): ReturnType<typeof runCommand> =>
  runCommand(['resume', join(folder, id), ...more]);

describe('spark-rl resume', () => {
  beforeAll(async () => {
    expect((await runCommand(train('whole'))).code).toBe(0);
    await killInSecondStep('killed');
    for (const copy of ['damaged', 'elsewhere'])
      cpSync(join(folder, 'killed'), join(folder, copy), { recursive: true });
  });

  it('goes on in the middle of a step: with the recorded trees, to the same weights, trees and measurements', async () => {
    const { finished, begun } = await recordedIn('killed', 2);
    const { code, output } = await resume('killed');
    expect(code).toBe(0);
    expect(output).toContain(`step 1 went on with what was recorded of ${TASKS} trees`);
    expect(output).toMatch(
      new RegExp(`step 2 went on with what was recorded of [${finished + begun}-${TASKS}] trees?`),
    );
    expect(output).not.toMatch(/step 3 went on|anew/);
    expect(treesOf('killed')).toEqual(treesOf('whole'));
    expect(weightsOf('killed').equals(weightsOf('whole'))).toBe(true);
    expect(await metricsOf('killed')).toEqual(await metricsOf('whole'));
  });

  it('refuses a damaged tree with its line and the remedy, which helps', async () => {
    const [file] = readdirSync(stepFolder('damaged', 1)).sort();
    const path = join(stepFolder('damaged', 1), file!);
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, lines.map((line, i) => (i === 2 ? line.slice(5) : line)).join('\n'));
    const refused = await resume('damaged');
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/\.jsonl: line 3 is not JSON\. .*delete it, .*tree anew/);
    rmSync(path);
    const resumed = await resume('damaged');
    expect(resumed.code).toBe(0);
    expect(resumed.output).toMatch(
      new RegExp(`step 1 went on with what was recorded of ${TASKS - 1} trees`),
    );
    expect(weightsOf('damaged').equals(weightsOf('whole'))).toBe(true);
  });

  it('on another engine grows the recorded trees anew, and says so', async () => {
    const running = start(['resume', join(folder, 'elsewhere'), '--engine', 'tfjs-wasm']);
    await running.sees(/step 1 (grew|went on)/);
    running.child.kill('SIGKILL');
    const { output } = await running.finished;
    expect(output).toMatch(/trees after its last checkpoint are grown anew/);
    expect(output).toMatch(
      new RegExp(`step 1 grew ${TASKS} trees anew: .*another engine or other weights`),
    );
    expect(output).not.toMatch(/went on with/);
    const trees = await readTrees(stepFolder('elsewhere', 1));
    expect(trees).toHaveLength(TASKS);
    for (const { tree } of trees)
      expect(tree.settings['policy']).toMatch(/^transformer on tfjs-wasm, weights [0-9a-f]{16}$/);
  });
});
