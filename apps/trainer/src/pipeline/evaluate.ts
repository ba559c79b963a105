import {
  PolicyError,
  treeId,
  withEnvironment,
  type BranchingCriterion,
  type Budget,
  type Policy,
  type Task,
  type Tree,
  type Turn,
} from '@spark-rl/core';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import type { TrainConfig } from '../config/schema.js';
import type { World } from '../worlds/world.js';

/** How a policy did on some tasks: one sampled episode each. */
export interface Evaluation {
  readonly temperature: number;
  /** Episodes that were lost to a failure of the policy or the environment; they count as no success. */
  readonly lost: number;
  /** Success on task i, at index i. */
  readonly successes: readonly boolean[];
  /** The world's own score at the end of the episode on task i; 0 where it was lost. */
  readonly scores: readonly number[];
  /** The kind of task i. */
  readonly kinds: readonly string[];
  readonly meanTurns: number;
  readonly exploreRatio: number;
  readonly invalidRatio: number;
}

export interface EvaluationOptions {
  readonly world: World;
  readonly policy: Policy;
  readonly tasks: readonly Task[];
  readonly temperature: number;
  /** Gives the limits of turns and responses. */
  readonly config: Pick<TrainConfig, 'environment' | 'rollout'>;
  /** Names the random streams; not the training seed, so that all policies that are compared meet the same luck. */
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onEpisode?: (finished: number) => void;
}

/** How the trees of an evaluation branch; without it each is one path. */
export interface EvaluationGrowth {
  readonly roots: number;
  readonly budget: Budget;
  readonly criterion: BranchingCriterion;
  readonly concurrency: number;
}

/**
 * Grows a tree for each task. The keys follow from the seed, the temperature, the task and a turn's place in its tree: the first path
 * of a tree that branches is the one that a tree without branches consists of.
 */
export function playTasks(
  options: EvaluationOptions,
  growth?: EvaluationGrowth,
): Promise<readonly Tree[]> {
  const { world, policy, tasks, temperature, config, seed } = options;
  let finished = 0;
  return withEnvironment(world.environment, (environment) =>
    rolloutTrees({
      environment,
      policy,
      protocol: world.protocol,
      brief: world.brief,
      roots: 1,
      ...growth,
      maxTurns: config.environment.maxTurns,
      sampling: { temperature, maxTokens: config.rollout.maxResponseTokens },
      trees: tasks.map((task, index) => ({
        task,
        treeId: treeId(`evaluation-${index}`),
        seed: ['evaluation', seed, temperature, 'episode', index],
      })),
      onEvent: ({ type }) => {
        if (type === 'tree') options.onEpisode?.(++finished);
      },
      ...(options.signal !== undefined && { signal: options.signal }),
    }),
  );
}

/** The turns of the first path of a tree: first children from the first root on. */
export const firstPathTurns = (tree: Tree): readonly Turn[] =>
  [...tree.turns.values()].filter(({ id }) => /^0(\.0)*$/.test(id));

/**
 * Describes the first path of each tree: the plain episodes of an evaluation.
 *
 * @throws PolicyError when every episode was lost
 */
export function describeEpisodes(
  { tasks, temperature }: Pick<EvaluationOptions, 'tasks' | 'temperature'>,
  trees: readonly Tree[],
): Evaluation {
  const ends = trees.map((tree) => tree.leaves.find(({ id }) => /^0(\.0)*$/.test(id)));
  const lost = ends.filter((leaf) => leaf === undefined || leaf.outcome === 'failed');
  if (lost.length === trees.length) {
    throw new PolicyError(`every episode was lost; the first: ${lost[0]?.error ?? 'unknown'}`, {
      remedy: 'That is no result: mend the cause, then measure again.',
    });
  }
  const turns = trees.flatMap(firstPathTurns);
  const share = (count: number): number => (turns.length === 0 ? 0 : count / turns.length);
  return {
    temperature,
    lost: lost.length,
    successes: ends.map((leaf) => leaf?.outcome === 'success'),
    scores: ends.map((leaf) => (leaf === undefined || leaf.outcome === 'failed' ? 0 : leaf.score)),
    kinds: tasks.map((task) => task.kind ?? ''),
    meanTurns: turns.length / trees.length,
    exploreRatio: share(turns.filter((turn) => turn.response.mode === 'explore').length),
    invalidRatio: share(turns.filter((turn) => !turn.response.valid).length),
  };
}

/** Plays one episode of each task, all at once, and counts successes. An episode lost to a failure counts as none. */
export const evaluatePolicy = async (options: EvaluationOptions): Promise<Evaluation> =>
  describeEpisodes(options, await playTasks(options));
