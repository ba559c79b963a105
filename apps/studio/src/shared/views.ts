import type { LeafOutcome, Status } from '@spark-rl/core';

/** Something in a run folder that could not be read, and where. The rest is shown all the same. */
export interface Problem {
  /** The file, relative to the run folder, with the line where one is at fault. */
  readonly place: string;
  readonly reason: string;
}

/** `training`: a living process holds the run; `stopped`: it ended before its summary was written. */
export type RunState = 'training' | 'finished' | 'stopped' | 'damaged';

/** One run in the list of runs. */
export interface RunCard {
  /** The path of the run folder below the folder of runs, with `/` between its parts. */
  readonly id: string;
  readonly state: RunState;
  readonly createdAt: string | null;
  readonly seed: number | null;
  readonly engine: string | null;
  readonly environment: string | null;
  readonly method: string | null;
  /** Steps of reinforcement so far. */
  readonly steps: number;
  /** Success of the rollouts at each step, in [0, 1]. */
  readonly success: readonly number[];
  /** Success on unseen tasks at temperature 1, after the warm-up and at the end, in [0, 1]. */
  readonly evaluated: { readonly warmup: number | null; readonly final: number | null };
  readonly problems: readonly Problem[];
}

/** A folder of trees in a run: one step of training, or what another command recorded. */
export interface TreeSet {
  readonly name: string;
  /** The step of reinforcement; null when the set was not trained on. */
  readonly step: number | null;
  readonly trees: number;
}

/** Success of one checkpoint on the same tasks as the others, task by task. */
export interface EvaluationView {
  readonly checkpoint: string;
  readonly temperature: number;
  readonly successes: readonly boolean[];
  readonly kinds: readonly string[];
  readonly meanTurns: number;
  readonly exploreRatio: number;
  readonly invalidRatio: number;
}

/** Everything of a run but its curves and trees. */
export interface RunView extends RunCard {
  readonly command: readonly string[];
  readonly device: string | null;
  /** The resolved configuration, flattened: `rollout.leaves` and its value as JSON. */
  readonly config: readonly (readonly [field: string, value: string])[];
  readonly sets: readonly TreeSet[];
  readonly checkpoints: readonly string[];
  readonly evaluations: readonly EvaluationView[];
  /** Numbers of `summary.json`, flattened; empty while the run trains. */
  readonly summary: readonly (readonly [field: string, value: number | string])[];
}

/** A row of `metrics.jsonl`: numbers by name, beside `phase` and `step`. */
export interface MetricsPoint {
  readonly phase: string;
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** What a metrics file gained since an offset. */
export interface MetricsChunk {
  readonly points: readonly MetricsPoint[];
  /** Where to go on reading, in bytes. Smaller than what was asked when the file was begun anew: drop what was read before. */
  readonly offset: number;
  readonly restarted: boolean;
  readonly problems: readonly Problem[];
}

/** How many leaves ended how. */
export type OutcomeCounts = Readonly<Record<LeafOutcome, number>>;

/** A tree in a list of trees. */
export interface TreeCard {
  readonly file: string;
  readonly task: string;
  readonly kind: string | null;
  readonly instruction: string;
  readonly outcomes: OutcomeCounts;
  readonly turns: number;
  readonly forks: number;
  readonly invalid: number;
  readonly tokens: number;
  /** Leaves opened, and the most there may be. */
  readonly opened: number;
  readonly limit: number;
  readonly finished: boolean;
  readonly problems: readonly Problem[];
}

/** A turn as the tree shows it. */
export interface TurnView {
  readonly id: string;
  readonly parent: string | null;
  readonly index: number;
  /** What the reasoning was tagged as, such as `explore` or `think`; null when there was none. */
  readonly mode: string | null;
  readonly valid: boolean;
  /** Why the response is invalid; null when it is not. */
  readonly reason: string | null;
  readonly text: string;
  readonly action: string;
  readonly admissible: boolean | null;
  readonly observation: string;
  readonly next: { readonly observation: string; readonly score: number; readonly status: Status };
  readonly requestedWidth: number;
  readonly grantedWidth: number;
  readonly tokens: number;
  /** Sum of the log-probabilities of the response, in nats. */
  readonly logProb: number;
  /** Leaves below the turn by outcome: two or more share its tokens. */
  readonly below: OutcomeCounts;
  /** The mean of its advantages, weighted as in training; null where it has none. */
  readonly advantage: number | null;
}

/** The end of a path. */
export interface LeafView {
  readonly id: string;
  readonly tail: string | null;
  readonly outcome: LeafOutcome;
  readonly score: number;
  readonly error: string | null;
  /** The leaf that this one counts again, where it is a copy. */
  readonly copyOf: string | null;
}

/** The budget after all responses of a turn: how many leaves are open or ended. */
export interface BudgetTurn {
  readonly turn: number;
  readonly opened: number;
  /** Turns that forked here, and leaves that they asked for in vain. */
  readonly forks: number;
  readonly refused: number;
}

/** Where the advantages of a tree come from, or why it has none. */
export interface AdvantageNote {
  readonly estimator: string | null;
  readonly note: string;
}

/** A tree with all its turns. */
export interface TreeView {
  readonly run: string;
  readonly set: string;
  readonly file: string;
  readonly id: string;
  readonly task: {
    readonly id: string;
    readonly environment: string;
    readonly split: string;
    readonly kind: string | null;
  };
  readonly instruction: string;
  readonly settings: readonly (readonly [field: string, value: string])[];
  readonly finished: boolean;
  /** Why the task could not be begun at all; null when it was. */
  readonly lost: string | null;
  readonly limit: number;
  readonly budget: readonly BudgetTurn[];
  readonly turns: readonly TurnView[];
  readonly leaves: readonly LeafView[];
  readonly tokens: number;
  /** What the same leaves would cost as separate paths. */
  readonly chainTokens: number;
  readonly advantages: AdvantageNote;
  readonly problems: readonly Problem[];
}

/** A token of a response. */
export interface TokenView {
  /** Its text; null where the run has no tokenizer that fits. */
  readonly text: string | null;
  readonly id: number;
  /** Under the distribution it was sampled from, in nats. */
  readonly logProb: number;
  /** Of that distribution, in nats; absent where it was not recorded. */
  readonly entropy?: number;
}

/** One credit of a turn. */
export interface CopyView {
  readonly leaf: string | null;
  readonly outcome: LeafOutcome | null;
  readonly advantage: number;
  readonly weight: number;
}

/** What the panel shows of a turn beside its {@link TurnView}. */
export interface TurnDetail {
  readonly id: string;
  /** What the policy was given; null where it cannot be told from its tokens. */
  readonly prompt: string | null;
  readonly promptTokens: number;
  readonly policyVersion: string;
  readonly finish: string;
  readonly tokens: readonly TokenView[];
  readonly copies: readonly CopyView[];
  readonly rating: number | null;
}

/** Where a tree is. */
export interface TreePlace {
  readonly run: string;
  readonly set: string;
  readonly file: string;
}

/** Another tree of the same task. */
export interface SameTaskTree extends TreePlace {
  readonly outcomes: OutcomeCounts;
}

/** A checkpoint of the run that did not play the task yet, and the command that makes it. */
export interface MissingTree {
  readonly checkpoint: string;
  readonly command: string;
}

/** Where else the task of a tree was played, its own run first. */
export interface SameTask {
  readonly trees: readonly SameTaskTree[];
  readonly missing: readonly MissingTree[];
}

/** The list of runs. */
export interface RunList {
  /** The folder as it was named on the command line. */
  readonly folder: string;
  readonly runs: readonly RunCard[];
}
