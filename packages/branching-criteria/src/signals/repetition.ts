import { parseInput, type Observation, type Turn } from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';
import { lastTurn, type Signal } from './signal.js';

const repetitionSignalOptions = z.strictObject({
  of: z.enum(['action', 'action-at-observation', 'observation']).default('action'),
  window: countSchema.min(2).default(5),
});

/** What is counted, and how far back, in {@link repetitionSignal}. */
export type RepetitionSignalOptions = z.input<typeof repetitionSignalOptions>;

/** Observations with images are compared whole, not by their text. */
const observationKey = (observation: Observation): string =>
  typeof observation === 'string' ? observation : JSON.stringify(observation);

const KEYS: Readonly<Record<NonNullable<RepetitionSignalOptions['of']>, (turn: Turn) => string>> = {
  action: ({ action }) => action,
  'action-at-observation': ({ action, observation }) =>
    JSON.stringify([observationKey(observation), action]),
  observation: ({ next }) => observationKey(next.observation),
};

/**
 * How often this turn has been met lately: among the last w turns of the path, this one included, how many have the same action
 * (`action`), the same action on the same observation (`action-at-observation`), or led to the same observation (`observation`; the
 * observation that the task starts with counts as one more if it is in reach). A whole number of at least 1: 1 is something new, 2
 * a repetition. Compared letter by letter. Null for an action that is empty, as after an invalid response.
 *
 * @param options.of - what is compared; `action` by default
 * @param options.window - w, how many turns are looked at, at least 2; 5 by default
 * @throws InvalidInputError when an option is not such a value
 */
export function repetitionSignal(options: RepetitionSignalOptions = {}): Signal {
  const { of, window } = parseInput(
    repetitionSignalOptions,
    options,
    'options of repetitionSignal',
  );
  const keyOf = KEYS[of];
  return {
    id: `repetition(${of},${window})`,
    value: (path) => {
      const turn = lastTurn(path);
      if (of !== 'observation' && turn.action === '') return null;
      const key = keyOf(turn);
      const times = path.slice(-window).filter((other) => keyOf(other) === key).length;
      const start = path[0];
      const startInReach = of === 'observation' && start !== undefined && path.length < window;
      return times + (startInReach && observationKey(start.observation) === key ? 1 : 0);
    },
  };
}
