import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { estimateBatch } from '@spark-rl/advantage-normalization';
import { InvalidInputError, type AdvantageEstimator, type Tree } from '@spark-rl/core';
import { readTree } from '@spark-rl/run-store';
import type { ExportedTree } from '@spark-rl/tree-export';

/** Which recorded trees are wanted, and what credits their turns. */
export interface RecordedTreesSettings {
  /** The run folder. */
  readonly folder: string;
  readonly estimator: AdvantageEstimator;
  /** How many trees a task has in a step. */
  readonly treesPerTask: number;
  /** Steps of reinforcement, from 1, both included. */
  readonly steps: { readonly from: number; readonly to: number };
  /** Told of trees that a run which was cut off did not finish or begin: they are left out, and so is their group. */
  readonly onUnfinished: (path: string) => void;
}

/** All trees of one task in one step have names that begin with the same number. */
const groupOf = (file: string): string => file.slice(0, file.indexOf('-'));

async function stepFolders(folder: string): Promise<readonly { name: string; step: number }[]> {
  const names = await readdir(join(folder, 'trees')).catch(() => []);
  const found = names.flatMap((name) => {
    const step = /^step-(\d+)$/.exec(name)?.[1];
    return step === undefined ? [] : [{ name, step: Number(step) }];
  });
  if (found.length > 0) return found.sort((a, b) => a.step - b.step);
  throw new InvalidInputError(`${folder} has no recorded trees`, {
    field: folder,
    remedy: 'Give a run that has taken at least one step of reinforcement.',
  });
}

/** The groups of a step that are whole: half a group has other statistics than the one that was trained. */
async function* wholeGroups(
  path: string,
  { treesPerTask, onUnfinished }: Pick<RecordedTreesSettings, 'treesPerTask' | 'onUnfinished'>,
): AsyncGenerator<readonly Tree[], void, undefined> {
  const files = (await readdir(path)).filter((file) => file.endsWith('.jsonl')).sort();
  for (const group of new Set(files.map(groupOf))) {
    const trees: Tree[] = [];
    const members = files.filter((each) => groupOf(each) === group);
    for (const file of members) {
      const read = await readTree(join(path, file));
      if (read?.finished === true) trees.push(read.tree);
      else onUnfinished(join(path, file));
    }
    // A tree that was not begun has no file.
    for (let missing = members.length; missing < treesPerTask; missing++)
      onUnfinished(join(path, group));
    if (trees.length >= Math.max(treesPerTask, members.length)) yield trees;
  }
}

/**
 * The trees of a run in the order of its steps, credited as in training. No more than the trees of one task are in memory or, where the
 * estimator looks across tasks, of one step.
 */
export async function* recordedTrees(
  settings: RecordedTreesSettings,
): AsyncGenerator<ExportedTree, void, undefined> {
  const { folder, estimator, steps } = settings;
  for (const { name, step } of await stepFolders(folder)) {
    if (step < steps.from || step > steps.to) continue;
    const groups = wholeGroups(join(folder, 'trees', name), settings);
    if (estimator.acrossTasks === undefined)
      for await (const trees of groups) yield* estimateBatch(estimator, [trees]);
    else {
      const batch: (readonly Tree[])[] = [];
      for await (const trees of groups) batch.push(trees);
      yield* estimateBatch(estimator, batch);
    }
  }
}
