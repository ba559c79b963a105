import { join } from 'node:path';

import { treeId, withEnvironment } from '@spark-rl/core';
import { openCheckpoints, openTreeJournal } from '@spark-rl/run-store';
import { rolloutTrees, summarizeTrees, treeMetrics } from '@spark-rl/tree-rollout';

import { configureFrom } from '../config/presets.js';
import { readRecordedConfig } from '../config/recorded-config.js';
import { chooseEngine } from '../engines.js';
import { formatCount, startProgress, type Output } from '../output/progress.js';
import { showResult } from '../output/result.js';
import { percent, renderTable } from '../output/table.js';
import { loadCheckpoint } from '../pipeline/checkpoint.js';
import { rolloutMethod } from '../pipeline/method.js';
import { samplerOf } from '../pipeline/reinforce-journal.js';
import { withPolicy } from '../pipeline/run-context.js';
import { withStopSignal } from '../stop-signal.js';
import { recordedTasks, type NumberedTask } from '../worlds/recorded-tasks.js';
import { splitOf } from '../worlds/split-of.js';
import { openWorld, type World } from '../worlds/world.js';

export interface RolloutOptions {
  readonly checkpoint: string;
  readonly tasks?: number;
  readonly tasksOf?: string;
  readonly split?: string;
  readonly seed: number;
  readonly engine: string;
  readonly out?: string;
  readonly set: readonly string[];
}

const DEFAULT_TASKS = 16;

/** The tasks of recorded trees, all of them or the first so many; without any, those that the seed chooses of the split. */
async function tasksOf(
  world: World,
  split: string,
  { tasksOf: path, tasks, seed }: RolloutOptions,
): Promise<readonly NumberedTask[]> {
  if (path !== undefined)
    return (await recordedTasks(path, world.environment.id)).slice(0, tasks ?? Infinity);
  const chosen = await world.tasks(split, seed, tasks ?? DEFAULT_TASKS);
  return chosen.map((task, index) => ({ task, index }));
}

/**
 * `spark-rl rollout`: grows the trees of some tasks with a checkpoint and the run's own settings, or other ones of `rollout`, and writes
 * them; nothing is learned. What an earlier call left unfinished in the same folder is gone on with.
 */
export async function rolloutCommand(
  folder: string,
  options: RolloutOptions,
  output: Output,
): Promise<number> {
  const config = configureFrom(await readRecordedConfig(folder), options.set);
  const { model } = await loadCheckpoint(
    openCheckpoints(join(folder, 'checkpoints')),
    options.checkpoint,
    config.model,
  );
  const world = await openWorld(config);
  const split = splitOf(world, options.split);
  const tasks = await tasksOf(world, split, options);
  const from = options.tasksOf === undefined ? { split } : { tasksOf: options.tasksOf };
  const { rollout, environment } = config;
  const { treesPerTask, growth } = rolloutMethod(config);
  const out = options.out ?? join(folder, 'rollouts', `${options.checkpoint}-${options.seed}`);
  const engine = await chooseEngine(options.engine);
  const total = tasks.length * treesPerTask;
  const bar = startProgress(output, 'trees', total);
  const sampler = await samplerOf(engine, { read: () => Promise.resolve(model.parameters) });
  // A tree of two policies would be nobody's: what other weights recorded is grown anew.
  const journal = openTreeJournal(out, {
    resume: ({ settings }) => settings['policy'] === sampler,
  });
  try {
    let finished = 0;
    const trees = await withStopSignal(output.write, (signal) =>
      withPolicy(engine, model, options.checkpoint, (policy) =>
        withEnvironment(world.environment, (opened) =>
          rolloutTrees({
            environment: opened,
            policy: { id: sampler, generate: policy.generate },
            protocol: world.protocol,
            brief: world.brief,
            ...growth,
            maxTurns: environment.maxTurns,
            sampling: { temperature: rollout.temperature, maxTokens: rollout.maxResponseTokens },
            recordAdmissible: true,
            concurrency: rollout.concurrency,
            trees: tasks.flatMap(({ task, index }) =>
              Array.from({ length: treesPerTask }, (_, nth) => ({
                task,
                treeId: treeId(`${String(index).padStart(3, '0')}-${task.id}-${nth}`),
                seed: ['rollout', options.seed, index, nth],
              })),
            ),
            journal,
            signal,
            onEvent: ({ type }) => {
              if (type === 'tree') bar.update(++finished);
            },
          }),
        ),
      ),
    );
    bar.stop();
    const summary = summarizeTrees(trees);
    showResult(
      output,
      { out, ...from, tasks: tasks.length, ...treeMetrics(summary) },
      renderTable(
        [`${options.checkpoint} of ${folder}, ${options.tasksOf ?? split}`, ''],
        [
          ['tasks', formatCount(tasks.length)],
          ['leaves', formatCount(summary.leaves)],
          ['successful leaves', percent(summary.successes / Math.max(1, summary.leaves))],
          ['forks', formatCount(summary.forks)],
          ['turns that explore', percent(summary.exploreRatio)],
          ['tokens generated', formatCount(summary.uniqueResponseTokens)],
          [
            'the same leaves as separate chains',
            formatCount(summary.chainEquivalentResponseTokens),
          ],
        ],
      ) + `The trees are in ${out}.\n`,
    );
    return 0;
  } finally {
    bar.stop();
    await journal.close();
    await engine.dispose();
    await world.close?.();
  }
}
