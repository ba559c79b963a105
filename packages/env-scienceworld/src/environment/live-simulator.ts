import { EnvironmentError, type Status, type Task } from '@spark-rl/core';
import type { Answer, LiveWorld } from '@spark-rl/core/replay';

import type { Simulator, SimulatorStep } from '../simulator.js';
import { momentToText, type Moment, type ObservationPiece } from './moment.js';
import { isTaskReset, RESET_REFUSED } from './reset-task.js';
import { officialScore, statusOf } from './score.js';
import { taskDataOf, type ScienceworldTaskData } from './task-data.js';

/** How a live simulator is played. */
export interface LiveSettings {
  readonly validActions: boolean;
  readonly observation: readonly ObservationPiece[];
  readonly maxActions: number | null;
  readonly maxTicks: number | null;
}

interface CallSignal {
  readonly signal?: AbortSignal;
}

/** Refuses a task that was listed for other simulators: its replays would not come out the same. */
function checkKey(simulator: Simulator, data: ScienceworldTaskData, task: Task): void {
  if (data.callOrder !== simulator.callOrder) {
    throw new EnvironmentError(
      `task ${task.id} is of the call order ${data.callOrder}, the environment is ${simulator.callOrder}`,
      {
        field: 'callOrder',
        value: data.callOrder,
        remedy: 'Play a task in an environment with the options of the one that listed it.',
      },
    );
  }
  if (data.version === undefined || data.version === simulator.version) return;
  throw new EnvironmentError(
    `task ${task.id} is of version ${data.version}, the simulator is ${simulator.version}`,
    {
      field: 'version',
      value: data.version,
      remedy: 'Texts differ between versions: use the jar that the task was listed for.',
    },
  );
}

/** A simulator as a world that can be replayed. Its observations are whole moments; see {@link Moment}. */
export function liveSimulator(simulator: Simulator, settings: LiveSettings): LiveWorld {
  const { validActions, observation, maxActions, maxTicks } = settings;
  let last: Moment | undefined;
  let completed = false;

  /** Asks for what the simulator did not tell by itself, in the official order, and notes where the episode stands. */
  const momentOf = async (
    step: SimulatorStep,
    before: Pick<Moment, 'task' | 'actions'>,
    options: CallSignal,
  ): Promise<Moment> => {
    const look = observation.includes('look')
      ? (step.look ?? (await simulator.look(options)))
      : undefined;
    const inventory = observation.includes('inventory')
      ? (step.inventory ?? (await simulator.inventory(options)))
      : undefined;
    // The official order asks for the list also when nobody reads it: it draws random numbers.
    const listed =
      validActions || simulator.callOrder === 'official'
        ? (step.validActions ?? (await simulator.validActions(options)))
        : undefined;
    completed = step.completed;
    return {
      text: step.observation,
      look,
      inventory,
      task: before.task,
      rawScore: step.rawScore,
      ticks: step.moves,
      actions: before.actions,
      validActions: validActions
        ? [...new Set(listed)].filter((action) => !isTaskReset(action))
        : undefined,
    };
  };

  const answer = (moment: Moment): Answer => {
    last = moment;
    const score = officialScore(moment.rawScore);
    const cut =
      (maxActions !== null && moment.actions >= maxActions) ||
      (maxTicks !== null && moment.ticks > maxTicks) ||
      // Only a recording knows nothing more to do.
      moment.validActions?.length === 0;
    const stands: Status = statusOf(score, completed);
    const status = stands === 'running' && cut ? 'truncated' : stands;
    return { observation: momentToText(moment), score, status };
  };

  return {
    reset: async (task, options) => {
      const data = taskDataOf(task);
      checkKey(simulator, data, task);
      const start = await simulator.load(
        { task: data.task, variation: data.variation, simplifications: data.simplifications },
        options,
      );
      const description = start.taskDescription;
      const moment = await momentOf(start, { task: description, actions: 0 }, options);
      return { ...answer(moment), instruction: description };
    },
    step: async (action, options) => {
      if (last === undefined) throw new EnvironmentError('no task is loaded');
      const before = { task: last.task, actions: last.actions + 1 };
      if (isTaskReset(action)) return answer({ ...last, ...before, text: RESET_REFUSED });
      return answer(await momentOf(await simulator.step(action, options), before, options));
    },
    close: simulator.close,
  };
}
