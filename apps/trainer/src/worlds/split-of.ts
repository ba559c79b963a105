import { InvalidInputError } from '@spark-rl/core';

import type { World } from './world.js';

/**
 * The split that was asked for; the unseen one where none was.
 *
 * @throws InvalidInputError when the world has no such split
 */
export function splitOf({ splits }: Pick<World, 'splits'>, name: string | undefined): string {
  if (name === undefined) return splits.unseen;
  if (splits.names.includes(name)) return name;
  throw new InvalidInputError(`there is no split ${name}`, {
    field: '--split',
    value: name,
    remedy: `Choose one of: ${splits.names.join(', ')}.`,
  });
}
