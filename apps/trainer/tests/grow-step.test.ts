import { scriptedPolicy } from '@spark-rl/core/testing';
import { openTreeJournal } from '@spark-rl/run-store';
import type { TransformerPolicy } from '@spark-rl/transformer-policy';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { configureFrom, presetNamed } from '../src/config/presets.js';
import type { TrainConfig } from '../src/config/schema.js';
import { noProgress, type RunProgress } from '../src/pipeline/checkpoint.js';
import {
  countTrees,
  growStep,
  type GrowContext,
  type StepTrees,
} from '../src/pipeline/grow-step.js';
import { stepMetrics } from '../src/pipeline/step-metrics.js';
import { tasksByEpoch } from '../src/worlds/training-order.js';
import { corridorWorld } from './corridor-world.js';

const { world, tasks: all } = corridorWorld(10);

/** Walks at random; `calls` counts what was sampled. */
function walker(): { readonly policy: TransformerPolicy; readonly calls: () => number } {
  let calls = 0;
  const { generate } = scriptedPolicy(({ random }) => {
    calls++;
    return `<think>r</think><action>${random.pick(['left', 'right', 'right'])}</action>`;
  });
  const nothing = (): Promise<void> => Promise.resolve();
  const policy: TransformerPolicy = {
    id: 'walker',
    version: () => '0',
    generate,
    update: () => undefined,
    idle: nothing,
    close: nothing,
    stats: () => ({
      generatedTokens: 0,
      promptTokens: 0,
      cachedPromptTokens: 0,
      prefilledTokens: 0,
      prefillSteps: 0,
      decodeSteps: 0,
      meanDecodeBatch: 0,
    }),
  };
  return { policy, calls: () => calls };
}

const configure = (...settings: readonly string[]): TrainConfig =>
  configureFrom(presetNamed('smoke'), [
    ...['rollout.tasksPerStep=4', 'rollout.leaves=4', 'rollout.roots=4', 'environment.maxTurns=6'],
    ...settings,
  ]);

const contextOf = (config: TrainConfig, more: Partial<GrowContext> = {}): GrowContext => ({
  config,
  world,
  policy: walker().policy,
  sampler: 'walker',
  ...more,
});

/** Grows so many steps one after another. */
async function steps(config: TrainConfig, count: number): Promise<readonly StepTrees[]> {
  const grown: StepTrees[] = [];
  let progress: RunProgress = noProgress;
  for (let step = 1; step <= count; step++) {
    grown.push(await growStep(contextOf(config), progress, step));
    progress = { ...countTrees(config, progress, grown.at(-1)!), steps: step };
  }
  return grown;
}

const rewardsDiffer = ({ groups }: StepTrees, place: number): boolean =>
  new Set(groups[place]!.flatMap(({ leaves }) => leaves.map((leaf) => leaf.outcome === 'success')))
    .size > 1;
const taskIds = (grown: readonly StepTrees[]): readonly string[] =>
  grown.flatMap(({ groups }) => groups.map(([tree]) => tree!.task.id));
const order = (count: number): readonly string[] =>
  tasksByEpoch(all, [1], 0, count).map(({ id }) => id);

describe('learning.groupFilter', () => {
  it('none learns from every task', async () => {
    const grown = await steps(configure(), 3);
    for (const step of grown) expect(step).toMatchObject({ kept: [0, 1, 2, 3], rounds: 1 });
    const differ = grown.flatMap((step) => step.kept.map((place) => rewardsDiffer(step, place)));
    expect(new Set(differ).size).toBe(2);
  });

  it('drop leaves tasks out whose paths all earned the same', async () => {
    const grown = await steps(configure('learning.groupFilter=drop'), 3);
    const kept = grown.flatMap((step) => step.groups.map((_, place) => step.kept.includes(place)));
    expect(kept).toEqual(
      grown.flatMap((step) => step.groups.map((_, place) => rewardsDiffer(step, place))),
    );
    expect(new Set(kept).size).toBe(2);
    expect(taskIds(grown)).toEqual(order(12));
  });

  it('resample takes further tasks of the same order until enough differ, and the next step goes on behind them', async () => {
    const settings = ['learning.groupFilter=resample', 'learning.maxGenerationBatches=9'];
    const config = configure(...settings);
    const grown = await steps(config, 4);
    for (const step of grown) {
      expect(step.kept).toHaveLength(4);
      expect(step.kept.every((place) => rewardsDiffer(step, place))).toBe(true);
    }
    expect(grown.some(({ rounds }) => rounds > 1)).toBe(true);
    const taken = taskIds(grown);
    expect(taken.length).toBeGreaterThan(16);
    expect(taken).toEqual(order(taken.length));
    const ids = grown[0]!.trees.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // All that was grown counts, what was left out too.
    const progress = grown.reduce((sum, step) => countTrees(config, sum, step), noProgress);
    expect(progress.tasksTaken).toBe(taken.length);
    expect(progress.generatedTokens).toBe(
      grown
        .flatMap(({ trees }) => trees.flatMap((tree) => [...tree.turns.values()]))
        .reduce((sum, { generation }) => sum + generation.responseTokens.length, 0),
    );
    const metrics = stepMetrics(
      config,
      grown[0]!,
      { policyVersion: '1', metrics: {}, credited: [], droppedGroups: 1, seconds: 1 },
      progress,
      { seconds: 2, growingSeconds: 1.5, tokens: 100 },
    );
    expect(metrics).toMatchObject({
      'rollout/tasks': grown[0]!.groups.length,
      'rollout/generation_batches': grown[0]!.rounds,
      'budget/tokens': progress.generatedTokens,
      'perf/update_share': 0.5,
      'perf/gen_share': 0.75,
      'perf/throughput': 50,
      frac_reward_zero_std:
        grown[0]!.groups.filter((_, place) => !rewardsDiffer(grown[0]!, place)).length /
        grown[0]!.groups.length,
    });
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  });

  it('resample stops after its rounds, and where the token budget is spent', async () => {
    // Two turns reach neither end from most fields: nothing differs.
    const short = ['environment.maxTurns=1', 'learning.groupFilter=resample'];
    const [grown] = await steps(configure(...short, 'learning.maxGenerationBatches=3'), 1);
    expect(grown!.rounds).toBe(3);
    const [poor] = await steps(configure(...short, 'reinforcement.tokens=10'), 1);
    expect(poor!.rounds).toBe(1);
  });

  it('takes up what was recorded of a step, and samples none of it again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spark-rl-grow-'));
    try {
      const config = configure('learning.groupFilter=resample');
      const grow = async (policy: TransformerPolicy): Promise<StepTrees> => {
        const journal = openTreeJournal(folder, { resume: true });
        try {
          return await growStep(contextOf(config, { policy, journal }), noProgress, 1);
        } finally {
          await journal.close();
        }
      };
      const first = walker();
      const whole = await grow(first.policy);
      expect(first.calls()).toBeGreaterThan(0);
      const second = walker();
      const again = await grow(second.policy);
      expect(second.calls()).toBe(0);
      expect(again.kept).toEqual(whole.kept);
      expect(again.summary).toEqual(whole.summary);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('goes on in runs of earlier versions, which took as many tasks in every step', async () => {
    const before = { ...noProgress, tasksTaken: null, steps: 2 };
    const grown = await growStep(contextOf(configure()), before, 3);
    expect(taskIds([grown])).toEqual(order(12).slice(8));
    expect(countTrees(configure(), before, grown).tasksTaken).toBe(12);
  });
});
