import type { Environment, Task, TaskQuery } from '../environment.js';
import { EnvironmentError } from '../errors.js';
import { showValue } from '../validation.js';
import { canonicalJson } from '../canonical-json.js';
import { placeOf } from './live-world.js';
import type { RecordedMoment } from './recording.js';
import { recordingFromJson } from './recording-json.js';

/** Where an episode stands in a recording. */
export interface RecordedState {
  readonly task: Task;
  readonly turn: number;
  readonly moment: RecordedMoment;
}

const RECORD_MORE = 'Record it with recordEnvironment, going on in this recording with `into`.';

/** The first few of what there is, for a message. */
const some = (names: Iterable<string>): string => {
  const all = [...names].sort();
  const shown = all.slice(0, 5).map(showValue).join(', ');
  return all.length === 0
    ? 'nothing'
    : all.length > 5
      ? `${shown}, and ${all.length - 5} more`
      : shown;
};

/**
 * Plays a recording back: an environment that answers as the recorded one did, without it. It knows what was recorded and
 * nothing else: another query, task or action is an EnvironmentError that says which, and what there is.
 *
 * @param json - what `recordingToJson` gave
 * @throws InvalidInputError when that is no recording
 */
export function recordedEnvironment(json: unknown): Environment<RecordedState> {
  const { environment: id, tellsAdmissible, queries, tasks, episodes } = recordingFromJson(json);

  const unrecorded = (
    what: string,
    field: string,
    value: unknown,
    known: string,
  ): EnvironmentError =>
    new EnvironmentError(`${what} was not recorded (recorded: ${known})`, {
      field,
      value,
      remedy: RECORD_MORE,
    });

  /** What was listened to; whoever listens longer than the first time learns that there is no more. */
  const firstOf = (heard: readonly Task[], query: TaskQuery): AsyncIterable<Task> => ({
    [Symbol.asyncIterator]: () => {
      const rest = heard.values();
      return {
        next: () => {
          const next = rest.next();
          if (next.done !== true) return Promise.resolve(next);
          const what = `what follows in query ${showValue(query)}`;
          return Promise.reject(unrecorded(what, 'query', query, `${heard.length} tasks`));
        },
      };
    },
  });

  return {
    id,
    tasks: (query) => {
      const found = queries.get(canonicalJson(query));
      if (found === undefined)
        throw unrecorded(`query ${showValue(query)}`, 'query', query, some(queries.keys()));
      const listed = found.tasks.map((task) => tasks.get(task)!);
      return found.complete ? listed : firstOf(listed, query);
    },
    reset: (task) => {
      const episode = episodes.get(task.id);
      if (episode === undefined || canonicalJson(tasks.get(task.id)) !== canonicalJson(task)) {
        const what = episode === undefined ? '' : ' with these data';
        throw unrecorded(`task ${task.id}${what}`, 'task.id', task.id, some(episodes.keys()));
      }
      const { instruction, start } = episode;
      return { ...start.answer, instruction, state: { task, turn: 0, moment: start } };
    },
    step: ({ task, turn, moment }, action) => {
      const { status } = moment.answer;
      if (status !== 'running') {
        throw new EnvironmentError(`task ${task.id} ended (${status}) before turn ${turn}`, {
          field: 'state',
          remedy: 'Step a state that is running, or reset the task.',
        });
      }
      const next = moment.after.get(action);
      if (next === undefined)
        throw unrecorded(placeOf(task, turn, action), 'action', action, some(moment.after.keys()));
      return { ...next.answer, state: { task, turn: turn + 1, moment: next } };
    },
    ...(tellsAdmissible && {
      admissible: ({ task, turn, moment }: RecordedState) => {
        if (moment.admissible !== undefined) return moment.admissible;
        const what = `task ${task.id}, turn ${turn}: what is admissible`;
        throw unrecorded(what, 'state', turn, 'the transitions only');
      },
    }),
  };
}
