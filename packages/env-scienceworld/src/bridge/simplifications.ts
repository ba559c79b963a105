import { InvalidInputError, showValue } from '@spark-rl/core';

/** The preset that the simulator itself understands, when it is the whole string. */
const EASY = 'easy';
const NO_ELECTRICITY = 'noElectricalAction';

/** Whether a task cannot be solved without connecting things electrically. */
const needsElectricity = (task: string): boolean =>
  task.includes('power-component') || task.includes('conductivity');

/**
 * Checks the simplifications of a task as the original's Python class does, which the simulator itself does not: it would load the task, and
 * answer every action with an error text.
 *
 * @param simplifications - `''`, `easy`, or names joined by commas without blanks
 * @param known - the names that the simulator has
 * @throws InvalidInputError naming the simplification
 */
export function checkSimplifications(
  simplifications: string,
  task: string,
  known: readonly string[],
): void {
  if (simplifications === '' || simplifications === EASY) return;
  const wrong = (what: string, value: string): InvalidInputError =>
    new InvalidInputError(what, {
      field: 'simplifications',
      value,
      remedy: `Give '', '${EASY}', or some of ${known.join(',')} joined by commas.`,
    });
  for (const name of simplifications.split(',')) {
    if (name === EASY)
      throw wrong(`'${EASY}' stands alone, not in ${showValue(simplifications)}`, name);
    if (!known.includes(name)) throw wrong(`there is no simplification ${showValue(name)}`, name);
    if (name === NO_ELECTRICITY && needsElectricity(task)) {
      throw wrong(`task ${task} cannot be solved with ${NO_ELECTRICITY}`, name);
    }
  }
}
