import {
  EnvironmentError,
  InvalidInputError,
  type Awaitable,
  type CallOptions,
  type Environment,
  type Status,
  type Transition,
} from '@spark-rl/core';
import { replayedEnvironment, type ReplayState, type ReplayStats } from '@spark-rl/core/replay';

import type { CallOrder, Simulator } from '../simulator.js';
import { listTasks, type TaskListing } from './list-tasks.js';
import { liveSimulator, type LiveSettings } from './live-simulator.js';
import { momentFromText, observationOf, type EpisodeCounts, type Moment } from './moment.js';
import { ENVIRONMENT } from './task-data.js';

/** A state of ScienceWorld: a value, though the simulator is not. */
export interface ScienceworldState {
  readonly replay: ReplayState;
  readonly moment: Moment;
  readonly score: number;
  readonly status: Status;
}

/** ScienceWorld over live simulators; `stats` says how much was replayed. */
export interface ScienceworldEnvironment extends Environment<ScienceworldState> {
  readonly release: (state: ScienceworldState) => void;
  readonly maxLiveStates: number;
  readonly close: () => Promise<void>;
  readonly stats: () => ReplayStats;
}

/** How many actions and ticks led to a state, with its score and status. */
export const episodeCounts = ({ moment, score, status }: ScienceworldState): EpisodeCounts => ({
  actions: moment.actions,
  ticks: moment.ticks,
  score,
  status,
});

/**
 * Starts a simulator with the call order that it is told. The signal is aborted when the environment is closed. A simulator of another
 * order is refused: the order belongs to the key of a replay.
 */
export type LaunchSimulator = (
  options: CallOptions & { readonly callOrder: CallOrder },
) => Awaitable<Simulator>;

/** What an environment is made of, once its options are read. */
export interface EnvironmentParts {
  readonly launch: LaunchSimulator;
  readonly capacity: number;
  readonly listing: TaskListing;
  readonly live: LiveSettings;
}

/** Makes a pure environment of simulators: each is a live world, whose moments are replayed and compared. */
export function environmentOf(parts: EnvironmentParts): ScienceworldEnvironment {
  const { launch, capacity, listing, live } = parts;
  const { callOrder } = listing.data;
  const inner = replayedEnvironment({
    id: ENVIRONMENT,
    tasks: (query) => listTasks(listing, query),
    launch: async (call) => {
      const simulator = await launch({ ...call, callOrder });
      if (simulator.callOrder === callOrder) return liveSimulator(simulator, live);
      await simulator.close();
      throw new InvalidInputError(
        `the simulator has the call order ${simulator.callOrder}, not ${callOrder}`,
        {
          field: 'callOrder',
          value: simulator.callOrder,
          remedy: 'Launch simulators with the call order that launch is told.',
        },
      );
    },
    capacity,
    admissible: false,
  });

  const shown = (now: Transition<ReplayState>): Transition<ScienceworldState> => {
    const moment = momentFromText(now.observation);
    const { score, status } = now;
    return {
      state: { replay: now.state, moment, score, status },
      observation: observationOf(moment, live.observation),
      score,
      status,
    };
  };
  return {
    id: ENVIRONMENT,
    tasks: inner.tasks,
    reset: async (task, call) => {
      const start = await inner.reset(task, call);
      return { ...shown(start), instruction: start.instruction };
    },
    step: async (state, action, call) => {
      if (state.status !== 'running') {
        throw new EnvironmentError(`the episode has ended (${state.status})`, {
          value: action,
          remedy: 'Reset the environment, or step an earlier state.',
        });
      }
      return shown(await inner.step(state.replay, action, call));
    },
    // Known since the step: asking the simulator once more would draw random numbers.
    ...(live.validActions && {
      admissible: ({ moment, status }: ScienceworldState) =>
        status === 'running' ? (moment.validActions ?? []) : [],
    }),
    release: ({ replay }) => inner.release(replay),
    maxLiveStates: inner.maxLiveStates,
    close: inner.close,
    stats: inner.stats,
  };
}
