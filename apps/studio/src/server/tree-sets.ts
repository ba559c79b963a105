import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { TreeSet } from '../shared/views.js';
import { isPlainName } from './run-folders.js';

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);

/** The tree files of a set, in their order. */
export const treeFilesIn = async (folder: string): Promise<readonly string[]> =>
  (await namesIn(folder)).filter((name) => name.endsWith('.jsonl') && isPlainName(name)).sort();

/** The step that a set was grown for; null when it was not trained on. */
export function stepOf(set: string): number | null {
  const digits = /^step-(\d+)$/.exec(set)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The folders of trees of a run; steps by their numbers, then other sets by their names. */
export async function listTreeSets(runFolder: string): Promise<readonly TreeSet[]> {
  const trees = join(runFolder, 'trees');
  const names = (await namesIn(trees)).filter(isPlainName);
  const sets = await Promise.all(
    names.map(async (name) => ({
      name,
      step: stepOf(name),
      trees: (await treeFilesIn(join(trees, name))).length,
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

/** What a file name says of its task: the same for the same task at any step, whatever its number there. */
export const taskPartOf = (file: string): string | null =>
  /^\d+-(.+)\.jsonl$/.exec(file)?.[1] ?? null;
