import type { Arbiter } from '@spark-rl/core';

/**
 * Serves the requests of a turn in random order, drawn from the tree's own stream for that turn: no path is favoured, and the
 * same seed gives the same order. The published code of SPARK shuffles too.
 */
export const seededOrder = (): Arbiter => ({
  id: 'seeded-order',
  order: (requests, random) => random.shuffle(requests),
});
