import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { HELD_OUT_TASKS } from '../agent/levels.js';
import { selectTasks } from '../agent/task-table.js';
import { checkSimplifications } from '../bridge/simplifications.js';
import type { CallOrder } from '../simulator.js';
import {
  environmentOf,
  type LaunchSimulator,
  type ScienceworldEnvironment,
} from './environment-of.js';
import { SIMPLIFICATIONS } from './list-tasks.js';
import { OBSERVATION_PIECES, type ObservationPiece } from './moment.js';
import { SCIENCEWORLD_PRESETS } from './presets.js';
import { CALL_ORDERS } from './task-data.js';

/** How ScienceWorld is played. */
export interface ScienceworldOptions {
  /** Starts one more simulator with the call order that it is told; at most `capacity` exist at once. */
  readonly launch: LaunchSimulator;
  /** How many simulators may exist at once; default 1. A simulator holds one world. */
  readonly capacity?: number;
  /** Where the other settings start: `spark` (default) or `official`. */
  readonly preset?: keyof typeof SCIENCEWORLD_PRESETS;
  /** `easy`, `''`, or names joined by commas. */
  readonly simplifications?: string;
  /** After how many actions an episode is cut off; null for no limit. */
  readonly maxActions?: number | null;
  /** An episode is cut off when the world has ticked more often than this; null for no limit. */
  readonly maxTicks?: number | null;
  /** Whether agents are told the valid actions; default `never`. There are hundreds of them, and asking is dear. */
  readonly validActions?: 'always' | 'never';
  /** Default `lean`, and `official` where agents are told the valid actions. */
  readonly callOrder?: CallOrder;
  /** What an observation consists of, in order; default `['text']`: what the action gave. */
  readonly observation?: readonly ObservationPiece[];
  /** Only these tasks, by name, id or topic; default all. */
  readonly tasks?: readonly string[];
  /** What the level L2 holds out, by name, id or topic; default {@link HELD_OUT_TASKS}. */
  readonly heldOut?: readonly string[];
  /** Lists tasks for this version of the simulator only, so that no other plays them. */
  readonly version?: string;
}

const limit = z.int().min(1).nullable().optional();

const schema = z.strictObject({
  launch: z.custom<LaunchSimulator>(
    (value) => typeof value === 'function',
    'expected a function that starts a simulator',
  ),
  capacity: z.int().min(1).default(1),
  preset: z.enum(Object.keys(SCIENCEWORLD_PRESETS) as 'spark'[]).default('spark'),
  simplifications: z.string().optional(),
  maxActions: limit,
  maxTicks: limit,
  validActions: z.enum(['always', 'never']).default('never'),
  callOrder: z.enum(CALL_ORDERS).optional(),
  observation: z.array(z.enum(OBSERVATION_PIECES)).min(1).readonly().default(['text']),
  tasks: z.array(z.string()).readonly().optional(),
  heldOut: z.array(z.string()).readonly().default(HELD_OUT_TASKS),
  version: z.string().min(1).optional(),
});

/**
 * ScienceWorld as an environment. The score is the official one, 0 to 100, or -100 after an action that spoilt the task; status
 * `success` at exactly 100, `failure` below 0 or when the simulator ends the task otherwise, `truncated` at a limit. An action that
 * would reset the task is refused. A fork replays its actions in another simulator, and everything that is known of each moment
 * on the way is compared.
 *
 * @throws InvalidInputError when an option is wrong
 */
export function scienceworldEnvironment(options: ScienceworldOptions): ScienceworldEnvironment {
  const settings = parseInput(schema, options, 'options of scienceworldEnvironment');
  const preset = SCIENCEWORLD_PRESETS[settings.preset];
  const {
    simplifications = preset.simplifications,
    maxActions = preset.maxActions,
    maxTicks = preset.maxTicks,
    observation,
    version,
  } = settings;
  checkSimplifications(simplifications, '', SIMPLIFICATIONS);
  for (const field of ['tasks', 'heldOut'] as const)
    for (const selector of settings[field] ?? []) selectTasks(selector, field);
  const told = settings.validActions === 'always';
  const callOrder = settings.callOrder ?? (told ? 'official' : 'lean');
  if (told && callOrder === 'lean') {
    throw new InvalidInputError(
      'options of scienceworldEnvironment: callOrder: lean cannot tell valid actions',
      {
        field: 'callOrder',
        value: callOrder,
        remedy: 'Use the call order official, or validActions never.',
      },
    );
  }
  return environmentOf({
    launch: settings.launch,
    capacity: settings.capacity,
    listing: {
      tasks: settings.tasks,
      heldOut: settings.heldOut,
      data: { simplifications, callOrder, ...(version !== undefined && { version }) },
    },
    live: { validActions: told, observation, maxActions, maxTicks },
  });
}
