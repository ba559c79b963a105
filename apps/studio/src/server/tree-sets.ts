import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { ROLLOUTS, stepOf } from '../shared/set-names.js';
import type { TreeSet } from '../shared/views.js';
import { isPlainName } from './run-folders.js';

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);

/** The tree files of a set, in their order. */
export const treeFilesIn = async (folder: string): Promise<readonly string[]> =>
  (await namesIn(folder)).filter((name) => name.endsWith('.jsonl') && isPlainName(name)).sort();

/** The parts of the way from a run folder to a set: one name lies below `trees`, `rollouts/warmup-0` where it says. */
export const setPath = (set: string): readonly string[] =>
  set.startsWith(`${ROLLOUTS}/`) ? set.split('/') : ['trees', set];

/** The folders of trees of a run; steps by their numbers, then other sets by their names. */
export async function listTreeSets(runFolder: string): Promise<readonly TreeSet[]> {
  const names = [
    ...(await namesIn(join(runFolder, 'trees'))).filter(isPlainName),
    ...(await namesIn(join(runFolder, ROLLOUTS)))
      .filter(isPlainName)
      .map((name) => `${ROLLOUTS}/${name}`),
  ];
  const sets = await Promise.all(
    names.map(async (name) => ({
      name,
      step: stepOf(name),
      trees: (await treeFilesIn(join(runFolder, ...setPath(name)))).length,
    })),
  );
  return sets
    .filter(({ trees: count }) => count > 0)
    .sort(
      (a, b) => (a.step ?? Infinity) - (b.step ?? Infinity) || a.name.localeCompare(b.name, 'en'),
    );
}

/** All trees of one task in one step have names that begin with the same number. */
export const groupOf = (file: string): string => /^(\d+)-/.exec(file)?.[1] ?? file;

/**
 * Whether a file may hold a tree of a task, by its name: `NUMBER-TASK.jsonl` or, where a task has several trees, `NUMBER-TASK-NTH.jsonl`.
 * `door-1` may be the second tree of `door`, so that only what is in the file tells.
 */
export function mayBeOfTask(file: string, task: string): boolean {
  const rest = /^\d+-(.+)\.jsonl$/.exec(file)?.[1];
  // As the journal writes names.
  const name = task.replace(/[^\w.=-]/g, '_');
  return rest?.startsWith(name) === true && /^(-\d+)?$/.test(rest.slice(name.length));
}
