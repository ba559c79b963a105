import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';

/** A folder name that stays where it is: no separators, no `.` or `..`, no control characters. */
// eslint-disable-next-line no-control-regex -- a NUL in a path is what must be refused
const NAME = /^(?!\.{1,2}$)[^/\\\u0000-\u001f]+$/;

/** Whether `name` is the plain name of a file or folder. */
export const isPlainName = (name: string): boolean => NAME.test(name);

/**
 * The path of something below `root`, and surely below it: every part is a plain name, and the real place, links followed, lies inside.
 *
 * @throws InvalidInputError when it does not exist or lies elsewhere
 */
export async function pathWithin(root: string, parts: readonly string[]): Promise<string> {
  const refuse = (): InvalidInputError =>
    new InvalidInputError(`there is no ${parts.join('/')} here`, {
      field: 'path',
      value: parts.join('/'),
      remedy: 'Choose one from the list.',
    });
  if (parts.length === 0 || !parts.every(isPlainName)) throw refuse();
  try {
    const [base, path] = await Promise.all([realpath(root), realpath(join(root, ...parts))]);
    if (path.startsWith(base.endsWith(sep) ? base : base + sep)) return path;
  } catch {
    // Said below, as for a place outside: a request must not tell what exists elsewhere.
  }
  throw refuse();
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** What tells that a folder is a run, even one whose manifest was lost. */
const SIGNS = ['manifest.json', 'metrics.jsonl', 'trees'];

/** How deep below the folder of runs they may lie, as those of a comparison do. */
const DEPTH = 3;

/**
 * Finds the run folders below `root`, in the order of their names; `root` itself is never one. A folder that cannot be read holds none.
 *
 * @returns their paths below `root`, with `/` between the parts
 */
export async function findRuns(root: string): Promise<readonly string[]> {
  const search = async (parts: readonly string[]): Promise<readonly string[]> => {
    const entries = await readdir(join(root, ...parts), { withFileTypes: true }).catch(() => []);
    const folders = entries
      .filter((entry) => entry.isDirectory() && isPlainName(entry.name))
      .map(({ name }) => name)
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const found = await Promise.all(
      folders.map(async (name) => {
        const here = [...parts, name];
        const signs = await Promise.all(SIGNS.map((sign) => exists(join(root, ...here, sign))));
        if (signs.includes(true)) return [here.join('/')];
        return here.length < DEPTH ? search(here) : [];
      }),
    );
    return found.flat();
  };
  return search([]);
}
