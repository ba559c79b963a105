import { parseInput, randomSource, taskId, type Task, type TaskQuery } from '@spark-rl/core';
import { z } from 'zod';

import { SCIENCEWORLD_SPLITS, splitRule } from '../agent/levels.js';
import { SCIENCEWORLD_TASKS, selectTasks, type ScienceworldTask } from '../agent/task-table.js';
import { variationRange } from '../agent/variation-splits.js';
import { checkElectricity } from './simplifications.js';
import { ENVIRONMENT, type ScienceworldTaskData } from './task-data.js';

const querySchema = z.object({
  split: z.enum(SCIENCEWORLD_SPLITS),
  count: z.int().min(0).optional(),
  seed: z.number().optional(),
  kinds: z.array(z.string()).readonly().optional(),
});

/** What tasks are made of, beside their names and variations. */
export interface TaskListing {
  /** What is listed at all, by name, id or topic; all tasks when absent. */
  readonly tasks?: readonly string[] | undefined;
  /** What the level L2 consists of and L-train, L0 and L1 leave out, by name, id or topic. */
  readonly heldOut: readonly string[];
  /** Which variations exist; all when absent. */
  readonly has?: (task: string, variation: number) => boolean;
  /** What the data of every task hold. */
  readonly data: Omit<ScienceworldTaskData, 'task' | 'variation'>;
}

/** The names that selectors name. */
const namesOf = (selectors: readonly string[], field: string): ReadonlySet<string> =>
  new Set(selectors.flatMap((each) => selectTasks(each, field)).map(({ name }) => name));

/** Makes the task of one variation. */
const taskOf = (
  { id, name }: Pick<ScienceworldTask, 'id' | 'name'>,
  variation: number,
  split: string,
  data: TaskListing['data'],
): Task => ({
  id: taskId(`${id}-v${variation}`),
  environment: ENVIRONMENT,
  split,
  kind: name,
  data: { task: name, variation, ...data },
});

/**
 * The tasks of a split, one a variation: in the order of the tasks' ids and the variations' numbers or, with a seed, shuffled.
 *
 * @throws InvalidInputError when the query is wrong, or a task cannot be done under the simplifications
 */
export function listTasks(listing: TaskListing, query: TaskQuery): readonly Task[] {
  const { split, count, seed, kinds } = parseInput(querySchema, query, 'task query');
  const { variations, heldOut } = splitRule(split);
  const held = namesOf(listing.heldOut, 'heldOut');
  const listed = listing.tasks === undefined ? null : namesOf(listing.tasks, 'tasks');
  const wanted = kinds === undefined ? null : namesOf(kinds, 'kinds');
  const chosen = SCIENCEWORLD_TASKS.filter(
    ({ name }) =>
      (listed?.has(name) ?? true) &&
      (wanted?.has(name) ?? true) &&
      (heldOut === null || held.has(name) === heldOut),
  );
  const all = chosen.flatMap((each) => {
    checkElectricity(each.name, listing.data.simplifications);
    const { first, end } =
      variations === 'all'
        ? { first: 0, end: each.variations }
        : variationRange(each.variations, variations);
    return Array.from({ length: end - first }, (_, i) => ({ each, variation: first + i }));
  });
  const { has } = listing;
  const there =
    has === undefined ? all : all.filter(({ each, variation }) => has(each.name, variation));
  const ordered =
    seed === undefined ? there : randomSource([ENVIRONMENT, 'tasks', split, seed]).shuffle(there);
  return ordered
    .slice(0, count)
    .map(({ each, variation }) => taskOf(each, variation, split, listing.data));
}
