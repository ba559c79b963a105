import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { randomSource, type RandomSource } from '@spark-rl/core';
import { readMetrics, readTrees } from '@spark-rl/run-store';

import { isTimed } from '../src/pipeline/metric-names.js';
import { runCommand, start } from '../tests/command.js';

/** Of each way to train. */
const KILLS = 20;
/** Of one run: then it is resumed to its end, and another one begins. */
const KILLS_OF_A_RUN = 5;
const TASKS = 4;
const seed = Number(process.env['LONG_SEED'] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'spark-rl-kill-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  'strictly on-policy': [],
  'one step ahead': ['--rollout.stepsAhead', '1'],
};

const train = (id: string, settings: readonly string[]): string[] => [
  ...['train', '--preset', 'smoke', '--out', folder, '--id', id],
  ...['--set', 'warmup.tokens=60000', '--set', 'evaluation.episodes=10'],
  ...['--set', `rollout.tasksPerStep=${TASKS}`, '--set', 'rollout.concurrency=2'],
  ...['--set', 'reinforcement.maxSteps=6', '--set', 'reinforcement.checkpointEvery=2'],
  // Updates that take long enough to be killed in.
  ...['--set', 'learning.optimizerStepsPerBatch=12', '--set', 'learning.microBatchTokens=1024'],
  ...['--set', 'evaluation.every=3', '--set', 'evaluation.duringEpisodes=5'],
  ...settings,
];

const within = (id: string, ...path: readonly string[]): string => join(folder, id, ...path);
const stepName = (step: number): string => `step-${String(step).padStart(4, '0')}`;

/** What a run leaves that does not depend on a clock: final weights, trees byte for byte, measurements. */
async function resultOf(id: string): Promise<object> {
  const trees = within(id, 'trees');
  const final = within(id, 'checkpoints', 'final', 'model.safetensors');
  return {
    weights: readFileSync(final, 'base64'),
    trees: readdirSync(trees, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.includes('.jsonl'))
      .sort()
      .map((file) => [file, readFileSync(join(trees, file), 'utf8')]),
    metrics: (await readMetrics(join(folder, id))).map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !isTimed(name))),
    ),
  };
}

/** What a run was doing when it was killed, by what it left. */
async function phaseOf(id: string): Promise<string> {
  if (!existsSync(within(id, 'manifest.json'))) return 'start';
  if (!existsSync(within(id, 'checkpoints', 'warmup'))) return 'warm-up';
  if (!existsSync(within(id, 'evaluation-warmup.json'))) return 'measurement';
  if (existsSync(within(id, 'checkpoints', 'final'))) return 'measurement';
  const rows = await readMetrics(join(folder, id));
  const learned = rows.filter(({ phase }) => phase === 'reinforce').length;
  const due = learned > 0 && learned % 3 === 0;
  if (due && !rows.some(({ phase, step }) => phase === 'evaluate' && step === learned))
    return 'measurement';
  const trees = await readTrees(within(id, 'trees', stepName(learned + 1))).catch(() => []);
  const grown = trees.filter(({ finished }) => finished).length;
  return grown === TASKS ? 'update' : 'rollout';
}

/** Runs a command and kills it when `moment` has come, if it still runs then. */
async function killAt(
  args: readonly string[],
  moment: (ended: Promise<unknown>) => Promise<unknown>,
): Promise<'killed' | 'ended'> {
  const running = start(args);
  await Promise.race([moment(running.finished), running.finished]);
  running.child.kill('SIGKILL');
  const { code, output } = await running.finished;
  // Killed, or come to its end; an error is none of both.
  expect([code, output]).toEqual([code === null ? null : 0, output]);
  return code === null ? 'killed' : 'ended';
}

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Begins a run, or goes on with it. Killed before its manifest was written there is nothing to go on with. */
function next(id: string, settings: readonly string[]): string[] {
  if (existsSync(within(id, 'manifest.json'))) return ['resume', join(folder, id)];
  rmSync(join(folder, id), { recursive: true, force: true });
  return train(id, settings);
}

/** Waits until a run is in a phase that moments of a clock seldom hit, and a moment more. */
async function into(
  phase: string,
  id: string,
  random: RandomSource,
  ended: Promise<unknown>,
): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  while (!over && (await phaseOf(id)) !== phase) await wait(2);
  await wait(random.uniform() * 60);
}

/**
 * The phases that every second kill is aimed at, in turn, behind a first one in the warm-up; the others come by the clock. One step ahead
 * trees grow while an update is computed: there is hardly a rollout by itself.
 */
const PHASES: Readonly<Record<string, readonly string[]>> = {
  'strictly on-policy': ['measurement', 'rollout', 'update'],
  'one step ahead': ['measurement', 'update'],
};

/** The phase that an attempt is aimed at; null for the clock. */
function phaseAt(attempt: number, aims: readonly string[]): string | null {
  if (attempt === 0) return 'warm-up';
  return attempt % 2 === 0 ? aims[(attempt / 2) % aims.length]! : null;
}

it.each(Object.keys(SETTINGS))(
  `%s: ends with the same weights, trees and measurements after ${KILLS} kills at random moments (LONG_SEED=${seed})`,
  async (way) => {
    const settings = SETTINGS[way]!;
    const aims = PHASES[way]!;
    const name = way.replaceAll(' ', '-');
    const whole = `${name}-whole`;
    const started = performance.now();
    const { code, output } = await runCommand(train(whole, settings));
    expect([code, output]).toEqual([0, output]);
    const duration = performance.now() - started;
    const expected = await resultOf(whole);
    const random = randomSource(['kill', seed, way]);
    const phases: Record<string, number> = {};
    let kills = 0;
    let attempts = 0;
    for (let run = 0; kills < KILLS; run++) {
      const id = `${name}-${run}`;
      for (let nth = 0; nth < KILLS_OF_A_RUN && kills < KILLS; nth++) {
        // By the clock the first kill of a run may come anywhere, the others soon: what was just resumed is interrupted again.
        const after = random.uniform() * duration * (nth === 0 ? 1 : 0.6);
        const target = phaseAt(attempts++, aims);
        const ending = await killAt(next(id, settings), (ended) =>
          target === null ? wait(after) : into(target, id, random, ended),
        );
        if (ending === 'ended') break;
        kills++;
        const phase = await phaseOf(id);
        phases[phase] = (phases[phase] ?? 0) + 1;
      }
      const resumed = await runCommand(next(id, settings));
      expect([resumed.code, resumed.output]).toEqual([0, resumed.output]);
      expect([id, await resultOf(id)]).toEqual([id, expected]);
    }
    process.stdout.write(`${way}: ${kills} kills, ${JSON.stringify(phases)}\n`);
    expect(Object.keys(phases)).toEqual(expect.arrayContaining(['warm-up', ...aims]));
  },
  3_600_000,
);
