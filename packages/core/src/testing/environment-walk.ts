import type { Environment, Observation, Task, TaskQuery, Transition } from '../environment.js';
import { EnvironmentError, InvalidInputError } from '../errors.js';
import { randomSource } from '../random.js';
import { showValue } from '../validation.js';

/** All of a transition but its opaque state. */
export type Answer = Omit<Transition<unknown>, 'state'>;

/** One turn of a walk. */
export interface WalkStep<State> {
  readonly from: State;
  /** What the environment called admissible there; absent when it does not tell. */
  readonly admissible: readonly string[] | undefined;
  readonly action: string;
  readonly answer: Answer;
}

/** A random episode, or its beginning. */
export interface Walk<State> {
  readonly start: Answer;
  readonly steps: readonly WalkStep<State>[];
  readonly last: Transition<State>;
}

const STATUSES: readonly string[] = ['running', 'success', 'failure', 'truncated'];

const isObservation = (observation: unknown): boolean =>
  typeof observation === 'string' || Array.isArray(observation);

/** Checks the parts that every transition must have, and gives back all but the state. */
export function wellFormed({ observation, score, status }: Transition<unknown>): Answer {
  if (!isObservation(observation))
    throw new EnvironmentError(`the observation is ${showValue(observation)}, not a text or parts`);
  if (!Number.isFinite(score))
    throw new EnvironmentError(`the score is ${String(score)}, not a finite number`);
  if (!STATUSES.includes(status))
    throw new EnvironmentError(
      `the status is ${showValue(status)}, not one of ${STATUSES.join(', ')}`,
    );
  return { observation, score, status };
}

/** Throws unless two values are the same JSON text; shows where they part. */
export function sameJson(found: unknown, expected: unknown, what: string): void {
  const left = JSON.stringify(found) ?? 'nothing';
  const right = JSON.stringify(expected) ?? 'nothing';
  if (left === right) return;
  let at = 0;
  while (left[at] === right[at]) at++;
  const around = (text: string): string => text.slice(Math.max(0, at - 30), at + 40);
  throw new EnvironmentError(
    `${what} is not the same: \`${around(left)}\`, first \`${around(right)}\``,
  );
}

/** The tasks of a query, in an array. */
export async function listTasks<State>(
  environment: Environment<State>,
  query: TaskQuery,
): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for await (const task of environment.tasks(query)) tasks.push(task);
  return tasks;
}

/** Walks a task by actions drawn from a stream named by the task; the same task gives the same walk. */
export async function walk<State>(
  environment: Environment<State>,
  task: Task,
  options: { readonly actions?: (observation: Observation) => readonly string[] },
  maxSteps: number,
): Promise<Walk<State>> {
  const random = randomSource(['environment walk', task.id]);
  const first = await environment.reset(task);
  if (typeof first.instruction !== 'string')
    throw new EnvironmentError(`task ${task.id} starts without an instruction`);
  let last: Transition<State> = first;
  const steps: WalkStep<State>[] = [];
  const start = wellFormed(first);
  while (steps.length < maxSteps && last.status === 'running') {
    const from = last.state;
    const admissible = await environment.admissible?.(from);
    const candidates = admissible ?? options.actions?.(last.observation) ?? [];
    if (candidates.length === 0) {
      throw new InvalidInputError(
        `task ${task.id}: there is no action to try at turn ${steps.length}`,
        {
          remedy:
            'Give `actions`, or let the environment tell admissible actions while it is running.',
        },
      );
    }
    const action = random.pick(candidates);
    last = await environment.step(from, action);
    steps.push({ from, admissible, action, answer: wellFormed(last) });
  }
  return { start, steps, last };
}
