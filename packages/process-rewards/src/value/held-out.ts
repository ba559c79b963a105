import { randomSource, type RandomKey } from '@spark-rl/core';

import type { ValueExample } from './value-examples.js';

/** Turns to train on, and turns to measure with. */
export interface HeldOutSplit {
  readonly trained: readonly ValueExample[];
  readonly heldOut: readonly ValueExample[];
}

/**
 * Keeps the turns of a share of the tasks for measuring. Tasks are kept whole: turns of one task, let alone of one tree, begin alike, and a
 * model that has seen the one says little about how it does on the other. At least one task stays to train on.
 *
 * @param share - of the tasks, in [0, 1), rounded; at least one task where it is not 0 and there are two
 */
export function holdOut(
  examples: readonly ValueExample[],
  share: number,
  key: RandomKey,
): HeldOutSplit {
  const tasks = [...new Set(examples.map(({ task }) => task))];
  const wanted = share === 0 ? 0 : Math.max(1, Math.round(share * tasks.length));
  const kept = new Set(
    randomSource([...key, 'held out'])
      .shuffle(tasks.sort())
      .slice(0, Math.min(wanted, tasks.length - 1)),
  );
  return {
    trained: examples.filter(({ task }) => !kept.has(task)),
    heldOut: examples.filter(({ task }) => kept.has(task)),
  };
}
