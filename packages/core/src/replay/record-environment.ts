import type { CallOptions, Environment, Task, TaskQuery } from '../environment.js';
import { EnvironmentError, InvalidInputError } from '../errors.js';
import type { TaskId } from '../ids.js';
import { canonicalJson } from '../canonical-json.js';
import {
  emptyRecording,
  noteQuery,
  noteStart,
  noteStep,
  noteTask,
  type RecordedMoment,
  type Recording,
} from './recording.js';

/** A state of a recorded environment: the environment's own, and where it stands in the recording. */
export interface RecordingState<State> {
  readonly inner: State;
  readonly task: Task;
  readonly turn: number;
  readonly moment: RecordedMoment;
}

/** An environment that behaves like the one it was made of, and what it saw so far. */
export interface RecordedRun<State> {
  readonly environment: Environment<RecordingState<State>>;
  /** Grows while the environment is used. */
  readonly recording: Recording;
}

/** Passes tasks on as they are listened to, and notes them when the listener is done. */
async function* overheard(
  tasks: AsyncIterable<Task>,
  note: (tasks: readonly Task[], complete: boolean) => void,
): AsyncGenerator<Task> {
  const heard: Task[] = [];
  let complete = false;
  try {
    for await (const task of tasks) {
      heard.push(task);
      yield task;
    }
    complete = true;
  } finally {
    note(heard, complete);
  }
}

/**
 * Records an environment: the result answers as the environment does, and keeps every task, transition and list of admissible
 * actions in a recording that `recordedEnvironment` plays back without the original. What throws is not recorded.
 *
 * @param options.into - goes on in this recording, of the same environment; a new one by default
 * @throws InvalidInputError when `into` is of another environment
 *
 * Its calls throw a ReplayMismatchError when something that is recorded already has another answer now: such an environment is
 * not deterministic, and a recording could not stand for it.
 */
export function recordEnvironment<State>(
  environment: Environment<State>,
  options: { readonly into?: Recording } = {},
): RecordedRun<State> {
  const { id, admissible, release, maxLiveStates, close } = environment;
  const tellsAdmissible = admissible !== undefined;
  const recording = options.into ?? emptyRecording(id, tellsAdmissible);
  if (recording.environment !== id || recording.tellsAdmissible !== tellsAdmissible) {
    throw new InvalidInputError(
      `the recording is of ${recording.environment}${recording.tellsAdmissible ? '' : ' without admissible actions'}, not of ${id}`,
      { field: 'into', value: recording.environment, remedy: 'Start a new recording.' },
    );
  }

  const noteTasks = (query: TaskQuery, tasks: readonly Task[], complete: boolean): void => {
    for (const task of tasks) noteTask(recording, task);
    const ids: TaskId[] = tasks.map((task) => task.id);
    noteQuery(recording, { query: { ...query }, tasks: ids, complete });
  };

  /** Runs `note` for a new state, which nobody else would release when that throws. */
  const noting = <Result>(state: State, note: () => Result): Result => {
    try {
      return note();
    } catch (error) {
      release?.(state);
      throw error;
    }
  };

  const recorded: Environment<RecordingState<State>> = {
    id,
    tasks: (query) => {
      const tasks = environment.tasks(query);
      if (Symbol.asyncIterator in tasks)
        return overheard(tasks, (heard, complete) => noteTasks(query, heard, complete));
      noteTasks(query, tasks, true);
      return tasks;
    },
    reset: async (task, call) => {
      const start = await environment.reset(task, call);
      const moment = noting(start.state, () => noteStart(recording, task, start));
      return { ...start, state: { inner: start.state, task, turn: 0, moment } };
    },
    step: async ({ inner, task, turn, moment }, action, call) => {
      const transition = await environment.step(inner, action, call);
      const next = noting(transition.state, () =>
        noteStep(moment, { task, turn, action }, transition),
      );
      return {
        ...transition,
        state: { inner: transition.state, task, turn: turn + 1, moment: next },
      };
    },
    ...(admissible !== undefined && {
      admissible: async (
        { inner, task, turn, moment }: RecordingState<State>,
        options?: CallOptions,
      ) => {
        const actions = await admissible(inner, options);
        if (moment.admissible === undefined) moment.admissible = [...actions];
        else if (canonicalJson(moment.admissible) !== canonicalJson(actions)) {
          throw new EnvironmentError(
            `task ${task.id}, turn ${turn}: the admissible actions are not those that were recorded`,
            { field: 'admissible', value: actions, remedy: 'Make the environment deterministic.' },
          );
        }
        return actions;
      },
    }),
    ...(release !== undefined && {
      release: ({ inner }: RecordingState<State>) => release(inner),
    }),
    ...(maxLiveStates !== undefined && { maxLiveStates }),
    ...(close !== undefined && { close }),
  };
  return { environment: recorded, recording };
}
