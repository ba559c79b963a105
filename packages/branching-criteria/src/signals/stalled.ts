import { lastTurn, type Signal } from './signal.js';

/**
 * For how many turns the environment's score has not risen above its best so far: 0 after a turn that reached a new best, else the
 * number of turns since the best was first reached. A path's own first observation has no score of its own in a turn, so the first
 * turn counts as a best. A whole number of at least 0.
 */
export const stalledSignal = (): Signal => ({
  id: 'stalled',
  value: (path) => {
    lastTurn(path);
    let [best, since] = [-Infinity, 0];
    for (const { next } of path) {
      since = next.score > best ? 0 : since + 1;
      best = Math.max(best, next.score);
    }
    return since;
  },
});
