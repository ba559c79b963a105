import {
  parseInput,
  treeId,
  type AgentBrief,
  type AgentProtocol,
  type Arbiter,
  type BranchingCriterion,
  type Budget,
  type Environment,
  type Journal,
  type Leaf,
  type LeafAccount,
  type Ledger,
  type NodeId,
  type Policy,
  type RandomKey,
  type Task,
  type Tree,
  type TreeId,
  type Turn,
} from '@spark-rl/core';
import { z } from 'zod';

import { rootCounter } from './root-counter.js';
import { seededOrder } from './seeded-order.js';

/** A call that failed and is made again. */
export interface Retry {
  readonly tree: TreeId;
  /** The turn that needs it; null for the reset of the task. */
  readonly node: NodeId | null;
  /** 1 for the first repetition. */
  readonly retry: number;
  readonly error: unknown;
}

/** Watches a rollout; what it does cannot change the tree. */
export interface RolloutHooks {
  /** After a turn counts. */
  readonly onTurn?: (turn: Turn, account: LeafAccount, tree: TreeId) => void;
  /** After a leaf counts. */
  readonly onLeaf?: (leaf: Leaf, account: LeafAccount, tree: TreeId) => void;
  /** Before a failed call is made again. */
  readonly onRetry?: (retry: Retry) => void;
  /** When a tree is finished. */
  readonly onTree?: (tree: Tree) => void;
}

const settingsShape = {
  profile: z.literal('spark').default('spark'),
  roots: z.int().min(1).default(4),
  maxTurns: z.int().min(1).default(30),
  sampling: z
    .strictObject({
      temperature: z.number().min(0).max(2).default(1),
      maxTokens: z.int().min(1).default(512),
    })
    .prefault({}),
  retries: z.int().min(0).default(2),
  recordAdmissible: z.boolean().default(false),
};

/** The numbers that shape a rollout. */
export interface RolloutSettings {
  /** The named set of choices that fixes the rest: who wins a contested slot, and that the turn ending a path never forks. */
  readonly profile?: 'spark' | undefined;
  /** M: independent responses at the first state; 4 by default. */
  readonly roots?: number | undefined;
  /** The turn limit; a path still running there ends as `truncated`; 30 by default. */
  readonly maxTurns?: number | undefined;
  /** Temperature in [0, 2], 1 by default; response tokens, 512 by default. */
  readonly sampling?:
    | { readonly temperature?: number | undefined; readonly maxTokens?: number | undefined }
    | undefined;
  /** How often a policy or environment call that threw is made again before its leaf is lost; 2 by default. */
  readonly retries?: number | undefined;
  /** Whether turns record if their action was admissible, also when the protocol does not ask; false by default. */
  readonly recordAdmissible?: boolean | undefined;
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
  /** Every event is appended to it before it counts. */
  readonly journal?: Journal | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly hooks?: RolloutHooks | undefined;
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
  readonly hooks: RolloutHooks;
  readonly settings: z.output<z.ZodObject<typeof settingsShape>>;
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

const partsShape = {
  environment: part('an environment', 'tasks', 'reset', 'step'),
  policy: part('a policy', 'generate'),
  protocol: part('an agent protocol', 'prompt', 'parse'),
  brief: z.looseObject({ world: z.string(), actions: z.array(z.unknown()) }),
  budget: part('a budget', 'open').optional(),
  criterion: part('a branching criterion', 'decide').optional(),
  arbiter: part('an arbiter', 'order').optional(),
  journal: part('a journal', 'append').optional(),
  signal: part('an abort signal', 'addEventListener').optional(),
  hooks: z.looseObject({}).optional(),
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

function resolve<State>(
  parts: RolloutParts<State>,
  parsed: z.output<typeof oneTree> | z.output<typeof manyTrees>,
): ResolvedOptions<State> {
  const { profile, roots, maxTurns, sampling, retries, recordAdmissible } = parsed;
  return {
    ...parts,
    budget: parts.budget ?? rootCounter(roots),
    criterion: parts.criterion ?? never,
    arbiter: parts.arbiter ?? seededOrder(),
    hooks: parts.hooks ?? {},
    settings: { profile, roots, maxTurns, sampling, retries, recordAdmissible },
  };
}

/** What `rolloutTree` takes. */
export interface RolloutTreeOptions<State>
  extends RolloutParts<State>, RolloutSettings, TreeRequest {}

/** What `rolloutTrees` takes. */
export interface RolloutTreesOptions<State> extends RolloutParts<State>, RolloutSettings {
  readonly trees: readonly TreeRequest[];
  /** How many trees grow at once; all, or as many as the environment's `maxLiveStates` carries, by default. */
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

/** Opens the ledger of a task; a turn is one response and one step. */
export const openLedger = (
  { budget, settings }: Pick<ResolvedOptions<unknown>, 'budget' | 'settings'>,
  task: Task,
): Ledger => budget.open(task, { tokens: settings.sampling.maxTokens, steps: 1 });
