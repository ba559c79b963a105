import {
  parseInput,
  treeId,
  type AgentBrief,
  type AgentProtocol,
  type Arbiter,
  type BranchingCriterion,
  type Budget,
  type Environment,
  type Expansion,
  type Journal,
  type Ledger,
  type Policy,
  type RandomKey,
  type SpendingRule,
  type Task,
  type TextConstraint,
  type TreeId,
  type TurnCost,
  type TurnRater,
} from '@spark-rl/core';
import { z } from 'zod';

import type { CallRules, Callee } from './attempt.js';
import type { RolloutListener } from './events.js';
import { limiter } from './limiter.js';
import { PROFILES, type Profile } from './profile.js';
import { rootCounter } from './root-counter.js';
import { seededOrder } from './seeded-order.js';
import { settingsShape, type RolloutSettings, type Settings } from './settings.js';

/** The turn whose response may be held to a language. */
export interface ConstrainedTurn {
  /** From 0. */
  readonly index: number;
  readonly instruction: string;
  readonly observation: string;
  /** The actions that do something here; absent when the environment does not tell. */
  readonly admissible?: readonly string[];
}

/** The parts that a rollout is put together from. */
export interface RolloutParts<State> {
  readonly environment: Environment<State>;
  readonly policy: Policy;
  readonly protocol: AgentProtocol;
  /** What prompts say of the world. */
  readonly brief: AgentBrief;
  /** Opens the ledger of each task; by default M leaves, so that nothing can fork. */
  readonly budget?: Budget | undefined;
  /** Who asks for forks; by default nobody. */
  readonly criterion?: BranchingCriterion | undefined;
  /** Who is served first when a turn asks for more than is left; by default {@link seededOrder}. */
  readonly arbiter?: Arbiter | undefined;
  /** Where a tree grows further when all its paths have ended; by default nowhere. */
  readonly expansion?: Expansion | undefined;
  /** Rates every turn when it is taken, for criteria and estimators to read; its tokens are paid from the task's budget. */
  readonly rater?: TurnRater | undefined;
  /** What a task may spend, decided from its first turns; by default the same for every task. */
  readonly spending?: SpendingRule | undefined;
  /**
   * The language that the response of a turn is held to, such as the admissible actions inside the response grammar; in the place of
   * `sampling.constraint`, which stays when it gives none. For evaluation and for making warm-up data: learners refuse such trees.
   */
  readonly constrain?: ((turn: ConstrainedTurn) => TextConstraint | undefined) | undefined;
  /** Every event is appended to it before it counts; what it has recorded already is taken up. */
  readonly journal?: Journal | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets everything that happens, for loggers and viewers. */
  readonly onEvent?: RolloutListener | undefined;
}

/** One tree that is wanted. */
export interface TreeRequest {
  readonly task: Task;
  /** Names the tree in the journal; the task's id by default. */
  readonly treeId?: TreeId | undefined;
  /** The key that all randomness of the tree starts from; the task's id is added to it. */
  readonly seed: RandomKey;
}

/** Parts and settings, defaults filled in. */
export interface ResolvedOptions<State> extends RolloutParts<State> {
  readonly budget: Budget;
  readonly criterion: BranchingCriterion;
  readonly arbiter: Arbiter;
  readonly settings: Settings;
  readonly profile: Profile;
  /** How calls are made: the limits are shared by all trees of the rollout. */
  readonly calls: Readonly<Record<Callee, CallRules>>;
}

const never: BranchingCriterion = { id: 'never', maxWidth: 1, decide: () => ({ width: 1 }) };

const has =
  (...methods: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

const part = (what: string, ...methods: readonly string[]): z.ZodCustom =>
  z.custom(has(...methods), `expected ${what} (an object with ${methods.join(', ')})`);

/** A part with a number beside its method; without it the part would silently do nothing. */
const countedPart = (what: string, method: string, count: string): z.ZodCustom =>
  z.custom(
    (value) => has(method)(value) && Number((value as Record<string, unknown>)[count]) >= 1,
    `expected ${what} (an object with ${method}, and ${count} of at least 1)`,
  );

const partsShape = {
  environment: part('an environment', 'tasks', 'reset', 'step'),
  policy: part('a policy', 'generate'),
  protocol: part('an agent protocol', 'prompt', 'parse'),
  brief: z.looseObject({ world: z.string(), actions: z.array(z.unknown()) }),
  budget: part('a budget', 'open').optional(),
  criterion: countedPart('a branching criterion', 'decide', 'maxWidth').optional(),
  arbiter: part('an arbiter', 'order').optional(),
  expansion: countedPart('an expansion', 'choose', 'rounds').optional(),
  spending: countedPart('a spending rule', 'plan', 'probes').optional(),
  rater: part('a turn rater', 'rate').optional(),
  journal: part('a journal', 'append').optional(),
  signal: part('an abort signal', 'addEventListener').optional(),
  constrain: z
    .custom((value) => typeof value === 'function', 'expected a function of the turn')
    .optional(),
  onEvent: z
    .custom((value) => typeof value === 'function', 'expected a function of the event')
    .optional(),
};

const requestShape = {
  task: z.looseObject({ id: z.string(), environment: z.string() }),
  treeId: z.string().optional(),
  seed: z.array(z.union([z.string(), z.number()])),
};

const oneTree = z.strictObject({ ...settingsShape, ...partsShape, ...requestShape });
const manyTrees = z.strictObject({
  ...settingsShape,
  ...partsShape,
  trees: z.array(z.strictObject(requestShape)),
  concurrency: z.int().min(1).optional(),
});

const settingsSchema = z.object(settingsShape);

function resolve<State>(
  parts: RolloutParts<State>,
  parsed: z.output<typeof oneTree> | z.output<typeof manyTrees>,
): ResolvedOptions<State> {
  const settings = settingsSchema.parse(parsed);
  const { timeouts, inFlight, retries } = settings;
  const rules = (callee: Callee): CallRules => ({
    callee,
    retries,
    timeout: timeouts[callee],
    limiter: limiter(inFlight[callee] ?? Infinity),
  });
  return {
    ...parts,
    budget: parts.budget ?? rootCounter(settings.roots),
    criterion: parts.criterion ?? never,
    arbiter: parts.arbiter ?? seededOrder(),
    settings,
    profile: PROFILES[settings.profile],
    calls: {
      policy: rules('policy'),
      environment: rules('environment'),
      rater: rules('rater'),
    },
  };
}

/** What `rolloutTree` takes. */
export interface RolloutTreeOptions<State>
  extends RolloutParts<State>, RolloutSettings, TreeRequest {}

/** What `rolloutTrees` takes. */
export interface RolloutTreesOptions<State> extends RolloutParts<State>, RolloutSettings {
  readonly trees: readonly TreeRequest[];
  /** How many trees grow at once; 256, or as many as the environment's `maxLiveStates` carries, by default. */
  readonly concurrency?: number | undefined;
}

/** Validates the options of `rolloutTree` and fills in the defaults. */
export const resolveTree = <State>(options: RolloutTreeOptions<State>): ResolvedOptions<State> =>
  resolve(options, parseInput(oneTree, options, 'options of rolloutTree'));

/** Validates the options of `rolloutTrees` and fills in the defaults. */
export const resolveTrees = <State>(options: RolloutTreesOptions<State>): ResolvedOptions<State> =>
  resolve(options, parseInput(manyTrees, options, 'options of rolloutTrees'));

/** The name of a wanted tree. */
export const treeIdOf = ({ task, treeId: id }: TreeRequest): TreeId => id ?? treeId(task.id);

/** The most that a turn may cost: a response, its rating, and one step. */
export const mostOfATurn = ({
  settings,
  rater,
}: Pick<ResolvedOptions<unknown>, 'settings' | 'rater'>): TurnCost => ({
  tokens: settings.sampling.maxTokens + (rater?.maxTokens ?? 0),
  steps: 1,
});

/** Opens the ledger of a task. */
export const openLedger = (
  options: Pick<ResolvedOptions<unknown>, 'budget' | 'settings' | 'rater'>,
  task: Task,
): Ledger => options.budget.open(task, mostOfATurn(options));
