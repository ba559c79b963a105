import { calibrate } from '@spark-rl/branching-criteria';
import {
  PolicyError,
  treeId,
  withEnvironment,
  type Journal,
  type Task,
  type Tree,
} from '@spark-rl/core';
import type { TransformerPolicy } from '@spark-rl/transformer-policy';
import { rolloutTrees, summarizeTrees, type TreesSummary } from '@spark-rl/tree-rollout';

import type { TrainConfig } from '../config/schema.js';
import { tasksFrom } from '../worlds/training-order.js';
import type { World } from '../worlds/world.js';
import { busyClock } from './busy-clock.js';
import type { RunProgress } from './checkpoint.js';
import { groupFilter, type Groups } from './group-filter.js';
import { calibratedSignal, rolloutMethod } from './method.js';

export interface GrowContext {
  readonly config: TrainConfig;
  readonly world: World;
  readonly policy: TransformerPolicy;
  /** Names who samples: the engine and the weights. It stands in every tree, and decides which recorded ones may be gone on with. */
  readonly sampler: string;
  /** How many tokens a published model has; a new one has what its configuration says. */
  readonly vocabulary?: number | undefined;
  readonly journal?: Journal;
  readonly signal?: AbortSignal;
}

/** The trees of one step, and what growing them took. */
export interface StepTrees {
  readonly step: number;
  readonly trees: readonly Tree[];
  /** The trees of each task, in the order in which tasks were taken. */
  readonly groups: Groups;
  /** Places of the groups that are learned from. */
  readonly kept: readonly number[];
  /** How often tasks were taken: more than once only with `learning.groupFilter` resample. */
  readonly rounds: number;
  readonly summary: TreesSummary;
  readonly seconds: number;
  /** Of them, with at least one call of the policy under way; the rest is the environment's and the host's. */
  readonly policySeconds: number;
  readonly decodeSteps: number;
  readonly decodedTokens: number;
  readonly cachedPromptTokens: number;
}

/** How many tasks were taken so far. Runs of earlier versions took as many in every step. */
export const tasksTaken = (
  { tasksTaken: taken, steps }: Pick<RunProgress, 'tasksTaken' | 'steps'>,
  tasksPerStep: number,
): number => taken ?? steps * tasksPerStep;

/** Grows the trees of some tasks; `first` is the place of the first of them in the step. */
async function growTrees(
  context: GrowContext,
  before: RunProgress,
  step: number,
  tasks: readonly Task[],
  first: number,
): Promise<Groups> {
  const { config, world, policy, sampler, journal, signal } = context;
  const { rollout, seed } = config;
  const { treesPerTask, growth } = rolloutMethod(
    { ...config, vocabulary: context.vocabulary },
    before.calibration ?? undefined,
  );
  const trees = await withEnvironment(world.environment, (environment) =>
    rolloutTrees({
      environment,
      policy: { id: sampler, generate: policy.generate },
      protocol: world.protocol,
      brief: world.brief,
      ...growth,
      maxTurns: config.environment.maxTurns,
      sampling: { temperature: rollout.temperature, maxTokens: rollout.maxResponseTokens },
      recordAdmissible: true,
      concurrency: rollout.concurrency,
      trees: tasks.flatMap((task, index) => {
        const place = first + index;
        const id = `${String(place).padStart(3, '0')}-${task.id}`;
        const key = [seed, 'reinforce', step, place];
        if (treesPerTask === 1) return [{ task, treeId: treeId(id), seed: key }];
        return Array.from({ length: treesPerTask }, (_, nth) => ({
          task,
          treeId: treeId(`${id}-${nth}`),
          seed: [...key, 'tree', nth],
        }));
      }),
      ...(journal !== undefined && { journal }),
      ...(signal !== undefined && { signal }),
    }),
  );
  return tasks.map((_, index) => trees.slice(index * treesPerTask, (index + 1) * treesPerTask));
}

/** Stops a run whose trees hold nothing to learn from. */
function refuseLost(step: number, trees: readonly Tree[]): void {
  if (!trees.every((tree) => tree.leaves.every((leaf) => leaf.outcome === 'failed'))) return;
  throw new PolicyError(
    `step ${step}: every path was lost; the first: ${trees[0]?.leaves[0]?.error ?? 'unknown'}`,
    { remedy: 'Nothing can be learned from that: mend the cause, then resume the run.' },
  );
}

/**
 * Grows the trees of a step, with the weights that the policy has now. With `learning.groupFilter` resample further tasks are taken, in the
 * same order, until enough of them can be learned from, the rounds are over or the token budget is spent. Everything random is keyed by
 * the seed, the step and the place in it, so a step that is done again gives the same trees; what the journal has of them is not sampled
 * again.
 *
 * @param before - the run so far, the trees of the step before counted
 * @throws PolicyError when every path was lost
 */
export async function growStep(
  context: GrowContext,
  before: RunProgress,
  step: number,
): Promise<StepTrees> {
  const { config, world, policy } = context;
  const { rollout, reinforcement, seed } = config;
  const order = { seed, pool: reinforcement.taskPool, tasksPerStep: rollout.tasksPerStep };
  const taken = tasksTaken(before, rollout.tasksPerStep);
  const filter = groupFilter(config);
  const started = performance.now();
  const statsBefore = policy.stats();
  const clock = busyClock();
  const timed: GrowContext = {
    ...context,
    policy: { ...policy, generate: (request) => clock.during(() => policy.generate(request)) },
  };
  const groups: (readonly Tree[])[] = [];
  let summary = summarizeTrees([]);
  let round = 0;
  for (let wanted = rollout.tasksPerStep; ; round++) {
    const tasks = await tasksFrom(world, order, taken + groups.length, wanted);
    groups.push(...(await growTrees(timed, before, step, tasks, groups.length)));
    summary = summarizeTrees(groups.flat());
    wanted = filter(groups, round).newTasks;
    const spent = before.generatedTokens + summary.uniqueResponseTokens;
    if (wanted === 0 || spent >= reinforcement.tokens) break;
  }
  const trees = groups.flat();
  refuseLost(step, trees);
  const stats = policy.stats();
  return {
    step,
    trees,
    groups,
    kept: filter(groups, round).kept,
    rounds: round + 1,
    summary,
    seconds: (performance.now() - started) / 1000,
    policySeconds: clock.seconds(),
    decodeSteps: stats.decodeSteps - statsBefore.decodeSteps,
    decodedTokens:
      stats.meanDecodeBatch * stats.decodeSteps -
      statsBefore.meanDecodeBatch * statsBefore.decodeSteps,
    cachedPromptTokens: stats.cachedPromptTokens - statsBefore.cachedPromptTokens,
  };
}

/** The run with the trees of a step counted; what was learned from them is not. */
export function countTrees(
  { rollout }: Pick<TrainConfig, 'rollout'>,
  before: RunProgress,
  grown: StepTrees,
): RunProgress {
  const { summary, trees, groups } = grown;
  const signal = calibratedSignal(rollout);
  return {
    ...before,
    rolloutSeconds: before.rolloutSeconds + grown.seconds,
    policySeconds: before.policySeconds + grown.policySeconds,
    generatedTokens: before.generatedTokens + summary.uniqueResponseTokens,
    chainEquivalentTokens: before.chainEquivalentTokens + summary.chainEquivalentResponseTokens,
    promptTokens: before.promptTokens + summary.uniquePromptTokens,
    cachedPromptTokens: before.cachedPromptTokens + grown.cachedPromptTokens,
    turns: before.turns + summary.turns,
    exploreTurns: before.exploreTurns + summary.exploringTurns,
    invalidTurns: before.invalidTurns + summary.invalidTurns,
    leaves: before.leaves + summary.leaves,
    failedLeaves: before.failedLeaves + summary.failed,
    forks: before.forks + summary.forks,
    tasksTaken: tasksTaken(before, rollout.tasksPerStep) + groups.length,
    decodeSteps: before.decodeSteps + grown.decodeSteps,
    decodedTokens: before.decodedTokens + grown.decodedTokens,
    firstExploreRatio: before.firstExploreRatio ?? summary.exploreRatio,
    ...(signal !== undefined && {
      calibration: calibrate(trees, signal, before.calibration ?? undefined),
    }),
  };
}
