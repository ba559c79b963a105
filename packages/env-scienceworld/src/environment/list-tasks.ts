import { parseInput, randomSource, taskId, type Task, type TaskQuery } from '@spark-rl/core';
import { z } from 'zod';

import { SCIENCEWORLD_SPLITS, splitRule } from '../agent/levels.js';
import { SCIENCEWORLD_TASKS, selectTasks, type ScienceworldTask } from '../agent/task-table.js';
import { checkSimplifications } from '../bridge/simplifications.js';
import { splitVariations } from '../bridge/splits.js';
import { ENVIRONMENT, type ScienceworldTaskData } from './task-data.js';

/** The simplifications that the simulator knows one by one. */
export const SIMPLIFICATIONS = [
  'teleportAction',
  'openDoors',
  'openContainers',
  'selfWateringFlowerPots',
  'noElectricalAction',
] as const;

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
    checkSimplifications(listing.data.simplifications, each.name, SIMPLIFICATIONS);
    const numbers =
      variations === 'all'
        ? Array.from({ length: each.variations }, (_, i) => i)
        : splitVariations(each.variations, variations);
    return numbers.map((variation) => ({ each, variation }));
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
