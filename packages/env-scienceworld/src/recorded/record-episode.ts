import { throwIfAborted, type Awaitable, type CallOptions } from '@spark-rl/core';

import { SCIENCEWORLD_TASKS } from '../agent/task-table.js';
import type { Simulator, SimulatorTask } from '../simulator.js';
import type { RecordedEpisode, RecordedMoment, RecordedStep } from './episode.js';
import { takeMoment, type ValidDetail } from './take-moment.js';

/** What a recorder knows when it chooses an action. */
export interface RecorderView {
  /** How many actions have been taken. */
  readonly turn: number;
  readonly moment: RecordedMoment;
  /** The simulator's own solution; empty unless it was asked for. */
  readonly goldPath: readonly string[];
  /** The actions that would do something now; asking is part of the order of calls, so it is done where `valid` is not `none`. */
  readonly validActions: readonly string[];
}

/** What is recorded, and how it is played. */
export interface RecordOptions extends CallOptions {
  /** What the recording calls itself, such as `gold` or `random`. */
  readonly kind: string;
  readonly task: SimulatorTask;
  /** The next action; undefined ends the episode, as do the task's completion and a negative score. */
  readonly choose: (view: RecorderView) => Awaitable<string | undefined>;
  /** Whether valid actions are asked for after every step, and what is kept of them; default `none`. */
  readonly valid?: ValidDetail;
  /** The most actions; default unlimited. */
  readonly maxActions?: number;
}

/** Plays an episode in a simulator and records it. */
export async function recordEpisode(
  simulator: Simulator,
  options: RecordOptions,
): Promise<RecordedEpisode> {
  const { kind, task, choose, valid = 'none', maxActions = Infinity, signal } = options;
  const call: CallOptions = signal === undefined ? {} : { signal };
  const start = await simulator.load(task, call);
  let { moment, validActions } = await takeMoment(simulator, start, 0, valid, call);
  const reset = moment;
  const steps: RecordedStep[] = [];
  while (steps.length < maxActions && !moment.done && moment.score >= 0) {
    throwIfAborted(signal);
    const { goldPath } = start;
    const action = await choose({ turn: steps.length, moment, goldPath, validActions });
    if (action === undefined) break;
    const answer = await simulator.step(action, call);
    ({ moment, validActions } = await takeMoment(simulator, answer, moment.score, valid, call));
    steps.push({ action, ...moment });
  }
  const taskId = SCIENCEWORLD_TASKS.find(({ name }) => name === task.task)?.id;
  return {
    kind,
    ...(taskId !== undefined && { taskId }),
    task: task.task,
    variation: task.variation,
    simplification: task.simplifications,
    version: simulator.version,
    taskDescription: start.taskDescription,
    reset,
    steps,
    finalScore: moment.score,
    finalDone: moment.done,
  };
}

/** Records the simulator's own solution of a task. */
export const recordGold = (
  simulator: Simulator,
  task: Omit<SimulatorTask, 'goldPath'>,
  options: CallOptions & Pick<RecordOptions, 'valid'> = {},
): Promise<RecordedEpisode> =>
  recordEpisode(simulator, {
    ...options,
    kind: 'gold',
    task: { ...task, goldPath: true },
    choose: ({ goldPath, turn }) => goldPath[turn],
  });
