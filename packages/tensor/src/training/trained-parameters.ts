import { InvalidInputError } from '@spark-rl/core';

import type { LossProgram, Named } from '../program.js';

/**
 * The shapes of the parameters that training changes: all of a loss program but its frozen ones.
 *
 * @throws InvalidInputError when a frozen name is not a parameter, or nothing is left to train
 */
export function trainedParameters(
  program: Pick<LossProgram, 'name' | 'parameters' | 'frozen'>,
): Named<readonly number[]> {
  const frozen = new Set(program.frozen);
  for (const name of frozen) {
    if (name in program.parameters) continue;
    throw new InvalidInputError(`${program.name}: the frozen ${name} is not a parameter`, {
      field: 'frozen',
      value: name,
      remedy: 'Freeze names that stand in parameters.',
    });
  }
  const trained = Object.entries(program.parameters).filter(([name]) => !frozen.has(name));
  if (trained.length === 0) {
    throw new InvalidInputError(`${program.name}: no parameter is left to train`, {
      field: 'frozen',
      remedy: 'Freeze fewer parameters.',
    });
  }
  return Object.fromEntries(trained);
}
