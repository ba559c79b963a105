import { PolicyError, treeId, type Policy, type Task } from '@spark-rl/core';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import type { TrainConfig } from '../config/schema.js';
import type { World } from './world.js';

/** How a policy did on some tasks: one sampled episode each. */
export interface Evaluation {
  readonly temperature: number;
  /** Episodes that were lost to a failure of the policy or the environment; they count as no success. */
  readonly lost: number;
  /** Success on task i, at index i. */
  readonly successes: readonly boolean[];
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

/** Plays one episode of each task, all at once, and counts successes. An episode lost to a failure counts as none. */
export async function evaluatePolicy(options: EvaluationOptions): Promise<Evaluation> {
  const { world, policy, tasks, temperature, config, seed } = options;
  let finished = 0;
  const trees = await rolloutTrees({
    environment: world.environment,
    policy,
    protocol: world.protocol,
    brief: world.brief,
    roots: 1,
    maxTurns: config.environment.maxTurns,
    sampling: { temperature, maxTokens: config.rollout.maxResponseTokens },
    trees: tasks.map((task, index) => ({
      task,
      treeId: treeId(`evaluation-${index}`),
      seed: ['evaluation', seed, temperature, 'episode', index],
    })),
    hooks: { onTree: () => options.onEpisode?.(++finished) },
    ...(options.signal !== undefined && { signal: options.signal }),
  });
  const lost = trees.flatMap((tree) => tree.leaves.filter((leaf) => leaf.outcome === 'failed'));
  if (lost.length === trees.length) {
    throw new PolicyError(`every episode was lost; the first: ${lost[0]?.error ?? 'unknown'}`, {
      remedy: 'That is no result: mend the cause, then measure again.',
    });
  }
  const turns = trees.flatMap((tree) => [...tree.turns.values()]);
  const share = (count: number): number => (turns.length === 0 ? 0 : count / turns.length);
  return {
    temperature,
    lost: lost.length,
    successes: trees.map((tree) => tree.leaves.some((leaf) => leaf.outcome === 'success')),
    kinds: tasks.map((task) => task.kind ?? ''),
    meanTurns: turns.length / trees.length,
    exploreRatio: share(turns.filter((turn) => turn.response.mode === 'explore').length),
    invalidRatio: share(turns.filter((turn) => !turn.response.valid).length),
  };
}
