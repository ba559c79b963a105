import type { Observation, Status, Task } from '../environment.js';
import { hashText } from '../hash.js';
import { encodeKey } from '../random.js';
import { canonicalJson } from '../canonical-json.js';
import type { Answer } from './live-world.js';

/** An answer without its bulk: enough to notice that another answer differs. */
export interface AnswerPrint {
  /** SHA-256 of the observation; see {@link printOf}. */
  readonly observationHash: string;
  readonly score: number;
  readonly status: Status;
}

/**
 * A state of a live world as a value: the task, the actions that lead here, and a print of every answer on the way. Each state
 * points to the one before it, so states share their past: a fork costs one object, however long the path. A state belongs to
 * no instance; any that replays its actions stands at it.
 */
export interface ReplayState {
  /** SHA-256 over the task, all actions and all answers so far: equal ids mean equal states. */
  readonly id: string;
  readonly task: Task;
  /** How many actions lead here; the next one is the action of turn `turn`. */
  readonly turn: number;
  readonly answer: AnswerPrint;
  /** The state before this one, and the action between them; null at the start. */
  readonly past: { readonly state: ReplayState; readonly action: string } | null;
}

/** SHA-256 of an observation: of the text itself or, where it has parts, of their canonical JSON. */
export const hashObservation = (observation: Observation): string =>
  hashText(typeof observation === 'string' ? observation : canonicalJson(observation));

/** The print of an answer. */
export const printOf = ({ observation, score, status }: Answer): AnswerPrint => ({
  observationHash: hashObservation(observation),
  score,
  status,
});

/** Whether two prints are of equal answers. */
export const samePrint = (a: AnswerPrint, b: AnswerPrint): boolean =>
  a.observationHash === b.observationHash && Object.is(a.score, b.score) && a.status === b.status;

const idOf = (origin: readonly string[], { observationHash, score, status }: AnswerPrint): string =>
  hashText(encodeKey([...origin, observationHash, score, status]));

/** The state after `task` was reset and gave `answer`. */
export function startState(task: Task, answer: Answer): ReplayState {
  const print = printOf(answer);
  const id = idOf([hashText(canonicalJson(task))], print);
  return Object.freeze({ id, task, turn: 0, answer: print, past: null });
}

/** The state after `action` was taken in `state` and gave `answer`. */
export function nextState(state: ReplayState, action: string, answer: Answer): ReplayState {
  const print = printOf(answer);
  return Object.freeze({
    id: idOf([state.id, action], print),
    task: state.task,
    turn: state.turn + 1,
    answer: print,
    past: { state, action },
  });
}

/** The states from the start to `state`, both included. */
export function pathToState(state: ReplayState): readonly ReplayState[] {
  const path: ReplayState[] = [];
  for (let at: ReplayState | undefined = state; at !== undefined; at = at.past?.state)
    path.push(at);
  return path.reverse();
}
