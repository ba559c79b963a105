import { parseInput, type BranchingCriterion } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';
import { repetitionSignal } from '../signals/repetition.js';
import { widthSchema } from '../width.js';
import { forkAbove } from './threshold.js';

const shape = {
  times: countSchema.min(2).default(2),
  window: countSchema.min(2).default(5),
  width: widthSchema.default(2),
};

const POSSIBLE = {
  path: ['times'],
  error: 'expected at most as many times as the window has turns',
};

const repeatedObservationOptions = z
  .strictObject(shape)
  .refine(({ times, window }) => times <= window, POSSIBLE);

const repeatedActionOptions = z
  .strictObject({ ...shape, sameObservation: z.boolean().default(false) })
  .refine(({ times, window }) => times <= window, POSSIBLE);

/** k, w, B, and what counts as the same, of {@link repeatedAction}. */
export type RepeatedActionOptions = z.input<typeof repeatedActionOptions>;

/** k, w and B of {@link repeatedObservation}. */
export type RepeatedObservationOptions = z.input<typeof repeatedObservationOptions>;

/**
 * Forks where the agent goes round in circles: b_t = B if its action occurs at least k times within the last w turns of the path,
 * this one included, else 1. An empty action, as after an invalid response, is no repetition: see {@link invalidResponse}. The
 * priority of a request is the number of occurrences.
 *
 * @param options.times - k, from 2 to w; 2 by default
 * @param options.window - w, at least 2; 5 by default
 * @param options.sameObservation - count only turns that met the same observation before the action: taking a step twice in
 *   different places is then no loop; false by default
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value
 */
export function repeatedAction(options: RepeatedActionOptions = {}): BranchingCriterion {
  const { times, window, sameObservation, width } = parseInput(
    repeatedActionOptions,
    options,
    'options of repeatedAction',
  );
  const of = sameObservation ? 'action-at-observation' : 'action';
  return forkAbove(
    `repeated-${of}(${times},${window},${width})`,
    repetitionSignal({ of, window }),
    times - 1,
    width,
  );
}

/**
 * Forks where the agent comes back to where it was: b_t = B if what it observes after the turn occurs at least k times among the
 * last w observations of the path, that one included and the task's first one if it is in reach, else 1. The priority of a request
 * is the number of occurrences.
 *
 * @param options.times - k, from 2 to w; 2 by default
 * @param options.window - w, at least 2; 5 by default
 * @param options.width - B, a whole number of at least 1, 2 by default
 * @throws InvalidInputError when an option is not such a value
 */
export function repeatedObservation(options: RepeatedObservationOptions = {}): BranchingCriterion {
  const { times, window, width } = parseInput(
    repeatedObservationOptions,
    options,
    'options of repeatedObservation',
  );
  return forkAbove(
    `repeated-observation(${times},${window},${width})`,
    repetitionSignal({ of: 'observation', window }),
    times - 1,
    width,
  );
}
