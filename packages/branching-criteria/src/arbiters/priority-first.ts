import type { Arbiter } from '@spark-rl/core';

/**
 * Serves the requests of a turn by priority, the largest first. Equal ones are served in random order, drawn from the tree's own
 * stream for that turn, so that no path is favoured; a request without a priority has 0.
 */
export const priorityFirst = (): Arbiter => ({
  id: 'priority-first',
  order: (requests, random) =>
    // Sorting is stable. Compared, not subtracted: Infinity - Infinity is no number.
    random
      .shuffle(requests)
      .sort((a, b) => (a.priority > b.priority ? -1 : a.priority < b.priority ? 1 : 0)),
});
