import { InvalidInputError } from '@spark-rl/core';

/** The simplifications that the simulator knows one by one. */
export const SIMPLIFICATIONS = [
  'teleportAction',
  'openDoors',
  'openContainers',
  'selfWateringFlowerPots',
  'noElectricalAction',
] as const;

const isElectrical = (task: string): boolean =>
  task.includes('power-component') || task.includes('conductivity');

/**
 * Checks a string of simplifications: `''`, `easy`, or names joined by commas. `easy` counts only as the whole string: it switches
 * on teleportAction, openDoors and selfWateringFlowerPots, and noElectricalAction in tasks without electricity.
 *
 * @throws InvalidInputError naming what is wrong
 */
export function checkSimplifications(text: string): void {
  if (text === '' || text === 'easy') return;
  for (const name of text.split(',')) {
    if ((SIMPLIFICATIONS as readonly string[]).includes(name)) continue;
    throw new InvalidInputError(`simplifications: there is no "${name}" to combine`, {
      field: 'simplifications',
      value: text,
      remedy: `Give easy alone, nothing, or names joined by commas without spaces: ${SIMPLIFICATIONS.join(', ')}.`,
    });
  }
}

/** Throws an InvalidInputError when a task needs electricity and the simplifications take it away. */
export function checkElectricity(task: string, simplifications: string): void {
  if (!isElectrical(task) || !simplifications.split(',').includes('noElectricalAction')) return;
  throw new InvalidInputError(
    `simplifications: task ${task} cannot be done under noElectricalAction`,
    {
      field: 'simplifications',
      value: simplifications,
      remedy: 'Leave noElectricalAction out, or use easy, which spares such tasks.',
    },
  );
}
