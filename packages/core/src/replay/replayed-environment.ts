import { z } from 'zod';

import type {
  Awaitable,
  CallOptions,
  Environment,
  Start,
  Task,
  Transition,
} from '../environment.js';
import { EnvironmentError } from '../errors.js';
import { parseInput } from '../validation.js';
import { ask, resetWorld, stepWorld, type LiveWorld } from './live-world.js';
import { nextState, startState, type ReplayState } from './replay-state.js';
import { standAt, type ReplayCounts } from './stand-at.js';
import { worldPool, type PoolCounts } from './world-pool.js';

/** What {@link replayedEnvironment} needs to know. */
export interface ReplayedEnvironmentOptions {
  /** The environment's name; its tasks carry it. */
  readonly id: string;
  /** The tasks of a split, deterministic in the query. */
  readonly tasks: Environment<ReplayState>['tasks'];
  /**
   * Starts one more live world; called at most `capacity` times for worlds that exist at once. The signal is aborted when the
   * environment is closed; a launch that ends nevertheless has its world closed at once.
   */
  readonly launch: (options: CallOptions) => Awaitable<LiveWorld>;
  /** How many live worlds may exist at any moment, those being launched or closed included. */
  readonly capacity: number;
  /** Whether the worlds tell admissible actions; true by default. */
  readonly admissible?: boolean;
}

/** What a replayed environment has done so far. */
export interface ReplayStats extends PoolCounts {
  /** How many episodes were started in a live world: for `reset`, and to replay a state from its start. */
  readonly resets: number;
  /** How many actions were taken again, to stand at a state once more. */
  readonly replayedActions: number;
}

/** An {@link Environment} over live worlds. */
export interface ReplayedEnvironment extends Environment<ReplayState> {
  readonly reset: (task: Task, options?: CallOptions) => Promise<Start<ReplayState>>;
  readonly step: (
    state: ReplayState,
    action: string,
    options?: CallOptions,
  ) => Promise<Transition<ReplayState>>;
  readonly admissible?: (state: ReplayState, options?: CallOptions) => Promise<readonly string[]>;
  readonly release: (state: ReplayState) => void;
  readonly maxLiveStates: number;
  /** Stops what is under way, closes every world, and settles when none is left. Later calls throw. */
  readonly close: () => Promise<void>;
  readonly stats: () => ReplayStats;
}

const functionSchema = <Type>(): z.ZodType<Type> =>
  z.custom<Type>((value) => typeof value === 'function', 'expected a function');

const optionsSchema = z.strictObject({
  id: z.string().min(1),
  tasks: functionSchema<ReplayedEnvironmentOptions['tasks']>(),
  launch: functionSchema<ReplayedEnvironmentOptions['launch']>(),
  capacity: z.int().min(1),
  admissible: z.boolean().default(true),
});

/**
 * Makes a pure environment of worlds that change when they are acted upon. A state is a value (see {@link ReplayState}), and may
 * be stepped any number of times, in any order, at the same time: a call lends a live world that stands at the state, or brings
 * one there by replaying the state's actions, and checks that every answer on the way is the one that was given before.
 *
 * While no more states are alive than `capacity`, and those that nobody will step are released, stepping a state where its world
 * stands replays nothing; a fork replays its path once in another world. A world that throws, answers something else than
 * before, or is stopped by a signal is closed and never used again; the next call launches another.
 *
 * @throws InvalidInputError for wrong options
 */
export function replayedEnvironment(options: ReplayedEnvironmentOptions): ReplayedEnvironment {
  const settings = parseInput(optionsSchema, options, 'options of replayedEnvironment');
  const { id, tasks, capacity } = settings;
  const replay: ReplayCounts = { resets: 0, replayedActions: 0 };

  const pool = worldPool(async (call) => {
    const world = await settings.launch(call);
    if (!settings.admissible || world.admissible !== undefined) return world;
    await world.close();
    throw new EnvironmentError(`a world of ${id} does not tell admissible actions`, {
      field: 'admissible',
      remedy: 'Give the world `admissible`, or the environment `admissible: false`.',
    });
  }, capacity);

  const admissible = async (
    state: ReplayState,
    call: CallOptions = {},
  ): Promise<readonly string[]> => {
    // Nothing can be done in an episode that has ended.
    if (state.answer.status !== 'running') return [];
    return pool.use(state, call.signal, async (instance, signal) => {
      await standAt(instance, state, signal, replay);
      const where = `the admissible actions of task ${state.task.id}, turn ${state.turn}`;
      return ask(where, () => instance.world.admissible?.({ signal }) ?? []);
    });
  };

  return {
    id,
    tasks,
    reset: (task, call = {}) =>
      pool.use(null, call.signal, async (instance, signal) => {
        replay.resets++;
        const answer = await resetWorld(instance.world, task, { signal });
        const state = startState(task, answer);
        instance.position = state;
        return { state, ...answer };
      }),
    step: async (state, action, call = {}) => {
      if (state.answer.status !== 'running') {
        throw new EnvironmentError(
          `task ${state.task.id} ended (${state.answer.status}) before turn ${state.turn}`,
          { field: 'state', remedy: 'Step a state that is running, or reset the task.' },
        );
      }
      return pool.use(state, call.signal, async (instance, signal) => {
        await standAt(instance, state, signal, replay);
        const { world } = instance;
        const answer = await stepWorld(world, state.task, state.turn, action, { signal });
        const next = nextState(state, action, answer);
        instance.position = next;
        return { state: next, ...answer };
      });
    },
    ...(settings.admissible && { admissible }),
    release: pool.release,
    maxLiveStates: capacity,
    close: pool.close,
    stats: () => ({ ...pool.counts(), ...replay }),
  };
}
