import { InvalidInputError } from '@spark-rl/core';

import { knownNames } from '../config/nearest-name.js';
import type { World } from './world.js';

/**
 * The split that was asked for; the unseen one where none was.
 *
 * @throws InvalidInputError when the world has no such split, naming the nearest
 */
export function splitOf({ splits }: Pick<World, 'splits'>, name: string | undefined): string {
  if (name === undefined) return splits.unseen;
  if (splits.names.includes(name)) return name;
  if (name === 'L2' && splits.noL2 !== undefined) {
    throw new InvalidInputError(`there is no split L2: ${splits.noL2}`, {
      field: '--split',
      value: name,
      remedy: `Choose one of: ${splits.names.join(', ')}.`,
    });
  }
  throw new InvalidInputError(`there is no split ${name}`, {
    field: '--split',
    value: name,
    remedy: knownNames(name, splits.names),
  });
}
