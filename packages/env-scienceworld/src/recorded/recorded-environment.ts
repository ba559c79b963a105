import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { HELD_OUT_TASKS } from '../agent/levels.js';
import { environmentOf, type ScienceworldEnvironment } from '../environment/environment-of.js';
import { OBSERVATION_PIECES, type ObservationPiece } from '../environment/moment.js';
import type { RecordedEpisode } from './episode.js';
import {
  recordedSimulators,
  UNRECORDED_POLICIES,
  type UnrecordedPolicy,
} from './recorded-simulator.js';

/** How recorded worlds are played. */
export interface RecordedScienceworldOptions {
  /** What was recorded; `readEpisodes` reads a file. */
  readonly episodes: readonly RecordedEpisode[];
  /** What happens to an action that nobody recorded: an error (default), or an answer that changes nothing. */
  readonly unrecorded?: UnrecordedPolicy;
  /** Whether agents are told the actions that were recorded next; default `recorded`. */
  readonly validActions?: 'recorded' | 'never';
  /** Which recordings are played, where they have several; default: those of the first episode. */
  readonly simplifications?: string;
  /** After how many actions an episode is cut off; default 30, null for no limit. */
  readonly maxActions?: number | null;
  /** What an observation consists of, in order; default `['text']`. */
  readonly observation?: readonly ObservationPiece[];
  /** What the level L2 holds out, by name, id or topic. */
  readonly heldOut?: readonly string[];
}

const schema = z.strictObject({
  episodes: z.custom<readonly RecordedEpisode[]>(
    (value) => Array.isArray(value) && value.length > 0,
    'expected at least one recorded episode',
  ),
  unrecorded: z.enum(UNRECORDED_POLICIES).default('error'),
  validActions: z.enum(['recorded', 'never']).default('recorded'),
  simplifications: z.string().optional(),
  maxActions: z.int().min(1).nullable().default(30),
  observation: z.array(z.enum(OBSERVATION_PIECES)).min(1).readonly().default(['text']),
  heldOut: z.array(z.string()).readonly().default(HELD_OUT_TASKS),
});

/** So many episodes are followed at once: following one costs next to nothing. */
const CAPACITY = 256;

/**
 * ScienceWorld from recorded episodes, without a jar: the same environment with the same scores, ends and limits, which knows the
 * recorded tasks and, in each, the recorded actions. Where a recording ends before the task does, and agents are told the actions,
 * the episode is `truncated`.
 *
 * @throws InvalidInputError when an option is wrong, or recordings contradict each other
 */
export function recordedScienceworld(
  options: RecordedScienceworldOptions,
): ScienceworldEnvironment {
  const settings = parseInput(schema, options, 'options of recordedScienceworld');
  const simplifications = settings.simplifications ?? settings.episodes[0]!.simplification;
  const episodes = settings.episodes.filter((each) => each.simplification === simplifications);
  if (episodes.length === 0) {
    throw new InvalidInputError(
      `no episode was recorded with simplifications "${simplifications}"`,
      {
        field: 'simplifications',
        value: simplifications,
        remedy: `Choose among ${[...new Set(settings.episodes.map((each) => `"${each.simplification}"`))].join(', ')}.`,
      },
    );
  }
  const recorded = new Set(episodes.map(({ task, variation }) => `${task} ${variation}`));
  return environmentOf({
    launch: recordedSimulators(episodes, { unrecorded: settings.unrecorded }),
    capacity: CAPACITY,
    listing: {
      heldOut: settings.heldOut,
      data: { simplifications, callOrder: 'lean' },
      has: (task, variation) => recorded.has(`${task} ${variation}`),
    },
    live: {
      validActions: settings.validActions === 'recorded',
      observation: settings.observation,
      maxActions: settings.maxActions,
      maxTicks: null,
    },
  });
}
