import type { Task, TaskQuery } from '../environment.js';
import { EnvironmentError } from '../errors.js';
import type { TaskId } from '../ids.js';
import { canonicalJson } from '../canonical-json.js';
import type { Answer, StartAnswer } from './live-world.js';
import { ReplayMismatchError } from './replay-mismatch.js';
import { printOf } from './replay-state.js';

/** What one state of a recorded episode showed, and what followed from the actions that were tried there. */
export interface RecordedMoment {
  readonly answer: Answer;
  /** What was admissible; absent when nobody asked. */
  admissible?: readonly string[];
  readonly after: Map<string, RecordedMoment>;
}

/** All that was seen of one task, from its start. */
export interface RecordedEpisode {
  readonly instruction: string;
  readonly start: RecordedMoment;
}

/** What a query listed. */
export interface RecordedQuery {
  readonly query: TaskQuery;
  readonly tasks: readonly TaskId[];
  /** Whether that is all; false when whoever asked stopped listening. */
  readonly complete: boolean;
}

/** What environments answered: (task, path of actions) to transitions. `recordingToJson` writes it. */
export interface Recording {
  /** The id of the environment that is recorded. */
  readonly environment: string;
  /** Whether the environment tells admissible actions. */
  readonly tellsAdmissible: boolean;
  /** By their canonical JSON. */
  readonly queries: Map<string, RecordedQuery>;
  readonly tasks: Map<TaskId, Task>;
  readonly episodes: Map<TaskId, RecordedEpisode>;
}

/** An empty recording of an environment. */
export const emptyRecording = (environment: string, tellsAdmissible: boolean): Recording => ({
  environment,
  tellsAdmissible,
  queries: new Map(),
  tasks: new Map(),
  episodes: new Map(),
});

/** Notes a task. Throws when another task of the same id is known: what was recorded for one would be played for both. */
export function noteTask({ tasks }: Recording, task: Task): void {
  const known = tasks.get(task.id);
  if (known === undefined) tasks.set(task.id, task);
  else if (canonicalJson(known) !== canonicalJson(task)) {
    throw new EnvironmentError(`two different tasks are called ${task.id}`, {
      field: 'task.id',
      value: task.id,
      remedy: 'Give every task of an environment its own id.',
    });
  }
}

/** Notes what a query listed. The longer of two listings stays. */
export function noteQuery({ queries }: Recording, found: RecordedQuery): void {
  const key = canonicalJson(found.query);
  const known = queries.get(key);
  const longer =
    known === undefined ||
    (!known.complete && (found.complete || found.tasks.length > known.tasks.length));
  if (longer) queries.set(key, found);
}

const copy = ({ observation, score, status }: Answer): Answer => ({ observation, score, status });

/** Throws when something that was recorded before has another answer now. */
function compare(task: Task, turn: number, action: string | null, old: Answer, now: Answer): void {
  if (canonicalJson(copy(old)) === canonicalJson(copy(now))) return;
  const [expected, actual] = [printOf(old), printOf(now)];
  throw new ReplayMismatchError({ task: task.id, turn, action, expected, actual });
}

/** Notes the start of a task, and gives the moment. Throws a ReplayMismatchError when the task started differently before. */
export function noteStart(recording: Recording, task: Task, start: StartAnswer): RecordedMoment {
  noteTask(recording, task);
  const known = recording.episodes.get(task.id);
  if (known !== undefined) {
    compare(task, 0, null, known.start.answer, start);
    if (known.instruction !== start.instruction) {
      throw new EnvironmentError(
        `task ${task.id}: the instruction is not the one recorded before`,
        {
          field: 'instruction',
          value: start.instruction,
          remedy: 'Make the environment deterministic.',
        },
      );
    }
    return known.start;
  }
  const moment: RecordedMoment = { answer: copy(start), after: new Map() };
  recording.episodes.set(task.id, { instruction: start.instruction, start: moment });
  return moment;
}

/** Notes what followed from an action, and gives the moment. Throws a ReplayMismatchError when it was something else before. */
export function noteStep(
  from: RecordedMoment,
  { task, turn, action }: { readonly task: Task; readonly turn: number; readonly action: string },
  answer: Answer,
): RecordedMoment {
  const known = from.after.get(action);
  if (known !== undefined) {
    compare(task, turn, action, known.answer, answer);
    return known;
  }
  const moment: RecordedMoment = { answer: copy(answer), after: new Map() };
  from.after.set(action, moment);
  return moment;
}
