import { join } from 'node:path';

import type { Task } from '@spark-rl/core';

import { rolloutCommand } from '../shared/rollout-command.js';
import { checkpointOf } from '../shared/set-names.js';
import type { MissingTree, SameTask, SameTaskTree, TreeCard, TreePlace } from '../shared/views.js';
import { findRuns } from './run-folders.js';
import { listCheckpoints } from './run-view.js';
import { listTreeSets, mayBeOfTask, setPath, treeFilesIn } from './tree-sets.js';

/** What the search reads with. */
export interface SameTaskReaders {
  /** The folder of runs, and how it was named on the command line. */
  readonly root: string;
  readonly name: string;
  /** A tree file's task and card; undefined when nothing of it can be read. */
  readonly cardOf: (
    path: string,
  ) => Promise<{ readonly task: Task; readonly card: TreeCard } | undefined>;
}

/** The trees of a task in one run. Names choose which files are opened; what they hold decides. */
async function treesIn(
  run: string,
  task: Task,
  { root, cardOf }: SameTaskReaders,
): Promise<readonly SameTaskTree[]> {
  const found: SameTaskTree[] = [];
  for (const { name: set } of await listTreeSets(join(root, run))) {
    const folder = join(root, run, ...setPath(set));
    for (const file of await treeFilesIn(folder)) {
      if (!mayBeOfTask(file, task.id)) continue;
      const read = await cardOf(join(folder, file)).catch(() => undefined);
      if (read?.task.id === task.id && read.task.environment === task.environment)
        found.push({ run, set, file, outcomes: read.card.outcomes });
    }
  }
  return found;
}

/** Where else a task was played: its own run first, then others by their names; and by which checkpoints of its run it was not. */
export async function findSameTask(
  place: TreePlace,
  task: Task,
  readers: SameTaskReaders,
): Promise<SameTask> {
  const { root, name } = readers;
  const others = (await findRuns(root)).filter((run) => run !== place.run);
  const trees: SameTaskTree[] = [];
  for (const run of [place.run, ...others]) trees.push(...(await treesIn(run, task, readers)));
  const played = new Set(
    trees.filter(({ run }) => run === place.run).map(({ set }) => checkpointOf(set)),
  );
  const checkpoints = await listCheckpoints(join(root, place.run));
  return {
    trees: trees.filter(
      ({ run, set, file }) => run !== place.run || set !== place.set || file !== place.file,
    ),
    missing: checkpoints
      .filter((checkpoint) => !played.has(checkpoint))
      .map((checkpoint): MissingTree => ({
        checkpoint,
        command: rolloutCommand(
          join(name, place.run),
          checkpoint,
          join(name, place.run, ...setPath(place.set), place.file),
        ),
      })),
  };
}
