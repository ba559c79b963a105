import { InvalidInputError } from '@spark-rl/core';

/** One of ScienceWorld's tasks. */
export interface ScienceworldTask {
  /** Topic and number within it, such as `1-1`. */
  readonly id: string;
  /** The simulator's name of it, such as `boil`. */
  readonly name: string;
  /** The number of its topic, from `1` (matter) to `10` (genetics). */
  readonly topic: string;
  /** How many variations it has, numbered from 0. */
  readonly variations: number;
}

const row = (id: string, name: string, variations: number): ScienceworldTask =>
  Object.freeze({ id, name, topic: id.split('-')[0]!, variations });

/**
 * The 30 tasks with their 7,207 variations, in the order of their ids. Facts of ScienceWorld (Apache-2.0); the same at versions
 * 1.2 and 1.3.
 */
export const SCIENCEWORLD_TASKS: readonly ScienceworldTask[] = Object.freeze([
  row('1-1', 'boil', 30),
  row('1-2', 'melt', 30),
  row('1-3', 'freeze', 30),
  row('1-4', 'change-the-state-of-matter-of', 30),
  row('2-1', 'use-thermometer', 540),
  row('2-2', 'measure-melting-point-known-substance', 436),
  row('2-3', 'measure-melting-point-unknown-substance', 300),
  row('3-1', 'power-component', 20),
  row('3-2', 'power-component-renewable-vs-nonrenewable-energy', 20),
  row('3-3', 'test-conductivity', 900),
  row('3-4', 'test-conductivity-of-unknown-substances', 600),
  row('4-1', 'find-living-thing', 300),
  row('4-2', 'find-non-living-thing', 300),
  row('4-3', 'find-plant', 300),
  row('4-4', 'find-animal', 300),
  row('5-1', 'grow-plant', 126),
  row('5-2', 'grow-fruit', 126),
  row('6-1', 'chemistry-mix', 32),
  row('6-2', 'chemistry-mix-paint-secondary-color', 36),
  row('6-3', 'chemistry-mix-paint-tertiary-color', 36),
  row('7-1', 'lifespan-longest-lived', 125),
  row('7-2', 'lifespan-shortest-lived', 125),
  row('7-3', 'lifespan-longest-lived-then-shortest-lived', 125),
  row('8-1', 'identify-life-stages-1', 14),
  row('8-2', 'identify-life-stages-2', 10),
  row('9-1', 'inclined-plane-determine-angle', 168),
  row('9-2', 'inclined-plane-friction-named-surfaces', 1386),
  row('9-3', 'inclined-plane-friction-unnamed-surfaces', 162),
  row('10-1', 'mendelian-genetics-known-plant', 120),
  row('10-2', 'mendelian-genetics-unknown-plant', 480),
]);

/** What the topics are about, by number. */
export const SCIENCEWORLD_TOPICS: Readonly<Record<string, string>> = Object.freeze({
  '1': 'states of matter',
  '2': 'measurement',
  '3': 'electricity',
  '4': 'classification',
  '5': 'growing plants',
  '6': 'chemistry',
  '7': 'life spans',
  '8': 'life stages',
  '9': 'forces',
  '10': 'genetics',
});

/**
 * The tasks that a selector names: a task by its name (`boil`) or id (`1-1`), or a whole topic by its number (`1`).
 *
 * @param field - where the selector stands, for errors
 * @throws InvalidInputError when nothing has that name
 */
export function selectTasks(selector: string, field = 'tasks'): readonly ScienceworldTask[] {
  const found = SCIENCEWORLD_TASKS.filter(
    ({ id, name, topic }) => selector === name || selector === id || selector === topic,
  );
  if (found.length > 0) return found;
  throw new InvalidInputError(`${field}: ScienceWorld has no task "${selector}"`, {
    field,
    value: selector,
    remedy:
      'Give the name of a task, such as boil, its id, such as 1-1, or the number of a topic, such as 1.',
  });
}
