import { InvalidInputError } from '@spark-rl/core';

import { lastTurn, type Signal } from './signal.js';

/**
 * How badly a rater thinks of the turn: minus its rating, so that `threshold` and `calibratedQuantile` fork where a process reward or a
 * learned value is low. Needs a rollout with a `rater`; a turn that the rater gave no answer for has no value.
 */
export const lowRatingSignal = (): Signal => ({
  id: 'low-rating',
  value: (path) => {
    const { id, rating } = lastTurn(path);
    if (rating === undefined) return null;
    if (Number.isFinite(rating.value)) return -rating.value;
    throw new InvalidInputError(`turn ${id} is rated ${rating.value}`, {
      field: 'rating',
      value: rating.value,
      remedy: 'Rate turns with finite numbers.',
    });
  },
});
