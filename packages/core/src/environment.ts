import type { TaskId } from './ids.js';
import type { JsonValue } from './json.js';

/** A value, or a promise of it: synchronous worlds need not pay for promises. */
export type Awaitable<Value> = Value | Promise<Value>;

/** One piece of an observation that is more than text. */
export type ObservationPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly mediaType: string; readonly base64: string };

/** What the agent perceives: text, or text and images in order. */
export type Observation = string | readonly ObservationPart[];

/** The text of an observation, images left out. */
export const observationText = (observation: Observation): string =>
  typeof observation === 'string'
    ? observation
    : observation.map((part) => (part.type === 'text' ? part.text : '')).join('');

/** How an episode stands. `success` and `failure` are the environment's own ends, `truncated` is its step limit. */
export type Status = 'running' | 'success' | 'failure' | 'truncated';

/** One problem instance. Plain JSON, so that it can be journalled and sent elsewhere. */
export interface Task {
  readonly id: TaskId;
  /** The environment that understands `data`. */
  readonly environment: string;
  /** The data split that it belongs to, such as `train` or `valid_unseen`. */
  readonly split: string;
  /** The kind of problem, such as `pick_two_obj_and_place`, where the environment has kinds. */
  readonly kind?: string;
  /** What the environment needs to start it: a seed, a file, parameters. */
  readonly data: JsonValue;
}

/** Which tasks are wanted. */
export interface TaskQuery {
  readonly split: string;
  /** How many at most; all where the split is finite and none is given. */
  readonly count?: number;
  /** Chooses the order and, in generated splits, the tasks themselves. */
  readonly seed?: number;
  /** Only these kinds. */
  readonly kinds?: readonly string[];
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** What follows from an action, or from a reset. */
export interface Transition<State> {
  /** Opaque; a value that stays valid after it has been stepped. Never journalled. */
  readonly state: State;
  readonly observation: Observation;
  /** The environment's own score, in the range that it documents. */
  readonly score: number;
  readonly status: Status;
}

/** The beginning of an episode. */
export interface Start<State> extends Transition<State> {
  /** What the agent is asked to achieve, in words. */
  readonly instruction: string;
}

/**
 * A world as a pure transition function. A state is a value: stepping it returns a new one and changes nothing, so a fork is
 * free and exact. Members are function-typed properties, not methods, so that TypeScript checks `State` strictly.
 */
export interface Environment<State> {
  readonly id: string;
  /** The tasks of a split. Deterministic in the query. */
  readonly tasks: (query: TaskQuery) => readonly Task[] | AsyncIterable<Task>;
  /** The start of a task. The same task gives the same start. */
  readonly reset: (task: Task, options?: CallOptions) => Awaitable<Start<State>>;
  /** The state after an action. Refuses (EnvironmentError) a state whose status is not `running`. */
  readonly step: (
    state: State,
    action: string,
    options?: CallOptions,
  ) => Awaitable<Transition<State>>;
  /** The actions that do something here; asked only when wanted, because it may be dear. */
  readonly admissible?: (state: State, options?: CallOptions) => Awaitable<readonly string[]>;
  /** Tells a stateful world that a state will not be stepped again. */
  readonly release?: (state: State) => void;
  /** How many states a stateful world can hold alive at once; unlimited when absent. */
  readonly maxLiveStates?: number;
  readonly close?: () => Awaitable<void>;
}

/** An environment whose state type is hidden; {@link withEnvironment} opens it. */
export interface SomeEnvironment {
  readonly id: string;
  readonly open: <Result>(use: <State>(environment: Environment<State>) => Result) => Result;
}

/** Hides the state type of an environment, so that environments of different kinds can stand in one table. */
export const someEnvironment = <State>(environment: Environment<State>): SomeEnvironment => ({
  id: environment.id,
  open: (use) => use(environment),
});

/** Opens an environment of unknown state type for a function that works with any. */
export const withEnvironment = <Result>(
  some: SomeEnvironment,
  use: <State>(environment: Environment<State>) => Result,
): Result => some.open(use);

/** What an agent must be told about a world before it can act in it. */
export interface AgentBrief {
  /** The world in a few sentences. */
  readonly world: string;
  /** The actions' forms, such as `take {object} from {receptacle}`, each with a short explanation. */
  readonly actions: readonly { readonly form: string; readonly meaning: string }[];
}

/** One turn of an expert: how it reasons, and what it does. */
export interface ExpertTurn {
  /** The reasoning mode, such as `explore` or `think`. */
  readonly mode: string;
  readonly reasoning: string;
  readonly action: string;
}

/** An expert at work on one episode. */
export interface ExpertSession {
  /** The next turn, given what was observed last; the first call gets the observation of the reset. */
  readonly act: (observation: Observation) => ExpertTurn;
}

/** Solves tasks from what it observes, nothing hidden, and says why it does what it does. Feeds the warm-up. */
export interface Expert {
  readonly id: string;
  readonly begin: (start: {
    readonly instruction: string;
    readonly key: readonly (string | number)[];
  }) => ExpertSession;
}
