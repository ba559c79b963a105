import { InvalidInputError } from '@spark-rl/core';
import {
  SCIENCEWORLD_TASKS,
  selectTasks,
  splitVariations,
  type ScienceworldTask,
} from '@spark-rl/env-scienceworld';

/** Tasks by names, ids or topics with commas, or `all`; in the order of their ids. */
export function parseTasks(text: string): readonly ScienceworldTask[] {
  if (text === 'all') return SCIENCEWORLD_TASKS;
  const chosen = new Set(text.split(',').flatMap((each) => selectTasks(each.trim(), '--task')));
  return SCIENCEWORLD_TASKS.filter((task) => chosen.has(task));
}

/** Numbers such as `0,4-6`, each once, in rising order. */
export function parseNumbers(text: string): readonly number[] {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const [, from, to = from] = /^\s*(\d{1,6})(?:-(\d{1,6}))?\s*$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from)) {
      throw new InvalidInputError(`--variations: "${part}" is no number and no range`, {
        field: '--variations',
        value: text,
        remedy: 'Give numbers and ranges with commas, such as 0,4-6.',
      });
    }
    for (let n = Number(from); n <= Number(to); n++) numbers.add(n);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** The first variations of a split. */
export function variationsOf(
  task: ScienceworldTask,
  split: string,
  count: number,
): readonly number[] {
  if (split !== 'train' && split !== 'dev' && split !== 'test') {
    throw new InvalidInputError(`--split: there is no split ${split}`, {
      field: '--split',
      value: split,
      remedy: 'Give train, dev or test.',
    });
  }
  return splitVariations(task.variations, split).slice(0, count);
}
