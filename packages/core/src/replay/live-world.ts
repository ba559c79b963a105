import type { Awaitable, CallOptions, Start, Task, Transition } from '../environment.js';
import { EnvironmentError, InvalidInputError, SparkError } from '../errors.js';
import { turnSchema } from '../tree-schema.js';
import { parseInput, showValue } from '../validation.js';

/** What a world shows: all of a transition but the state. */
export type Answer = Omit<Transition<never>, 'state'>;

/** What a world shows at the start of an episode. */
export type StartAnswer = Omit<Start<never>, 'state'>;

/**
 * A world that changes when it is acted upon: a process, a remote session, a browser page. It holds one episode at a time and
 * gets one call at a time, `close` excepted. Every call carries a signal; a world that heeds it ends sooner, one that does not
 * is closed while the call is still under way.
 */
export interface LiveWorld {
  /** Forgets the present episode and starts `task`. The same task must give the same start, whatever came before. */
  readonly reset: (task: Task, options: CallOptions) => Awaitable<StartAnswer>;
  /** Acts in the present episode. The same actions after the same reset must give the same answers. */
  readonly step: (action: string, options: CallOptions) => Awaitable<Answer>;
  /** The actions that do something now. Asking must change nothing. */
  readonly admissible?: (options: CallOptions) => Awaitable<readonly string[]>;
  /**
   * Ends the world for good, also in the middle of another call. Called once. Its place is given to a new world only when this
   * has settled, so it must end by itself: kill what does not stop.
   */
  readonly close: () => Awaitable<void>;
}

const answerSchema = turnSchema.shape.next;
const REMEDY = 'Let the world answer with an observation, a finite score and a status.';

/** Reads what a world answered. Throws an EnvironmentError that says where and what was wrong. */
function checked(answer: unknown, where: string): Answer {
  try {
    const { observation, score, status } = parseInput(answerSchema, answer, where, REMEDY);
    return { observation, score, status };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const { message, field, value } = error;
    throw new EnvironmentError(message, { ...(field !== undefined && { field }), value });
  }
}

/** Calls a world and, where it fails in its own way, says what it was asked. Errors of this project pass as they are. */
export async function ask<Result>(where: string, call: () => Awaitable<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof SparkError) throw error;
    const reason = error instanceof Error ? error.message : showValue(error);
    throw new EnvironmentError(`${where}: the world failed: ${reason}`, { cause: error });
  }
}

/** Where in an episode a call stands, for messages. */
export const placeOf = (task: Task, turn: number, action: string): string =>
  `task ${task.id}, turn ${turn}, action ${showValue(action)}`;

/** Starts `task` in a world, and checks the form of its answer. */
export async function resetWorld(
  world: LiveWorld,
  task: Task,
  options: CallOptions,
): Promise<StartAnswer> {
  const where = `the start of task ${task.id}`;
  const start = await ask(where, () => world.reset(task, options));
  const answer = checked(start, where);
  if (typeof start.instruction !== 'string') {
    throw new EnvironmentError(
      `${where}: the instruction is ${showValue(start.instruction)}, not a text`,
      { field: 'instruction', value: start.instruction },
    );
  }
  return { ...answer, instruction: start.instruction };
}

/** Takes an action in a world that stands before turn `turn` of `task`, and checks the form of its answer. */
export async function stepWorld(
  world: LiveWorld,
  task: Task,
  turn: number,
  action: string,
  options: CallOptions,
): Promise<Answer> {
  const where = placeOf(task, turn, action);
  return checked(await ask(where, () => world.step(action, options)), where);
}
