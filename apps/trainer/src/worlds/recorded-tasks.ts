import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { InvalidInputError, type Task } from '@spark-rl/core';
import { readTree } from '@spark-rl/run-store';

/** A task, and the number that stands before its name in file names: it decides what is sampled. */
export interface NumberedTask {
  readonly index: number;
  readonly task: Task;
}

async function treeFilesOf(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return [path];
  const names = found?.isDirectory() === true ? await readdir(path) : [];
  const files = names.filter((name) => name.endsWith('.jsonl')).sort();
  if (files.length > 0) return files.map((name) => join(path, name));
  throw new InvalidInputError(`there is no tree at ${path}`, {
    field: '--tasks-of',
    value: path,
    remedy: 'Name a file or a folder of trees, such as runs/NAME/trees/step-0001.',
  });
}

/**
 * The tasks of recorded trees, each once, in the order of their files. A tree says its whole task, so that any checkpoint can play it again.
 *
 * @param path - a file, or a folder of them
 * @param environment - the id of the world that shall play them
 * @throws InvalidInputError when there is no tree, or one is damaged or of another world
 */
export async function recordedTasks(
  path: string,
  environment: string,
): Promise<readonly NumberedTask[]> {
  const tasks = new Map<string, NumberedTask>();
  for (const file of await treeFilesOf(path)) {
    const read = await readTree(file);
    if (read === undefined) continue;
    const { task } = read.tree;
    if (task.environment !== environment) {
      throw new InvalidInputError(`${file} is of ${task.environment}`, {
        field: '--tasks-of',
        value: path,
        remedy: `This run is of ${environment}: name trees of that world.`,
      });
    }
    const number = /^(\d+)-/.exec(basename(file))?.[1];
    if (!tasks.has(task.id))
      tasks.set(task.id, { task, index: number === undefined ? tasks.size : Number(number) });
  }
  return [...tasks.values()];
}
