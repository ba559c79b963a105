import { mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';

import type { Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { namesOf } from './names.js';
import { projectFiles } from './project-files.js';

/** Whether there is nothing at a path yet, or an empty folder. */
async function isFree(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return true;
    if ((cause as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw cause;
  }
}

/**
 * Makes a project with an environment of one's own, whole or not at all.
 *
 * @returns the exit code
 * @throws InvalidInputError for a name that cannot be one, or a folder that holds something
 */
export async function newEnvironmentCommand(
  name: string,
  options: { readonly out?: string },
  output: Output,
): Promise<number> {
  const names = namesOf('the environment', name);
  const folder = resolve(options.out ?? names.kebab);
  if (!(await isFree(folder))) {
    throw new InvalidInputError(`${folder} is not empty`, {
      field: '--out',
      value: folder,
      remedy: 'Give a folder that does not exist yet: --out DIR.',
    });
  }
  const files = projectFiles(names);
  await mkdir(dirname(folder), { recursive: true });
  const made = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(made, path)), { recursive: true });
      await writeFile(join(made, path), text);
    }
    await rmdir(folder).catch(() => undefined);
    await rename(made, folder);
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    throw cause;
  }
  showResult(
    output,
    { folder, files: Object.keys(files) },
    `${folder}: a small whole world, to be replaced by your own, file by file.\n` +
      `  cd ${options.out ?? names.kebab} && npm install && npm test && npm start\n`,
  );
  return 0;
}
