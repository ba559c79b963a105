import { estimateBatch } from '@spark-rl/advantage-normalization';
import { calibrate } from '@spark-rl/branching-criteria';
import { PolicyError, treeId, withEnvironment, type Journal } from '@spark-rl/core';
import type { GrpoLearner } from '@spark-rl/grpo-optimizer';
import type { TransformerPolicy } from '@spark-rl/transformer-policy';
import { rolloutTrees, summarizeTrees, treeMetrics } from '@spark-rl/tree-rollout';

import type { TrainConfig } from '../config/schema.js';
import type { RunProgress } from './checkpoint.js';
import { estimatorOf } from './estimator.js';
import { calibratedSignal, rolloutMethod } from './method.js';
import { tasksOfStep } from '../worlds/training-order.js';
import type { World } from '../worlds/world.js';

/** What one step of reinforcement found, by the names of the metrics file. */
export type StepMetrics = Readonly<Record<string, number>>;

export interface ReinforceStep {
  readonly progress: RunProgress;
  readonly metrics: StepMetrics;
  /** Share of the step's leaves that succeeded. */
  readonly success: number;
}

export interface ReinforceContext {
  readonly config: TrainConfig;
  readonly world: World;
  readonly policy: TransformerPolicy;
  /** Names who samples: the engine and the weights. It stands in every tree, and decides which recorded ones may be gone on with. */
  readonly sampler: string;
  readonly learner: GrpoLearner;
  /** Puts the learner's weights into the policy. */
  readonly adopt: (version: string) => void;
  readonly journal?: Journal;
  readonly signal?: AbortSignal;
}

/** Falls in a straight line with the tokens generated, so that runs of equal budgets are comparable whatever their steps hold. */
function learningRateAfter(tokens: number, { learning, reinforcement }: TrainConfig): number {
  const spent = Math.min(1, tokens / reinforcement.tokens);
  return learning.learningRate * (1 - (1 - learning.finalLearningRateShare) * spent);
}

/**
 * One step of SPARK: trees for a batch of training tasks, credits for their turns, the update, and the new weights in the policy.
 * Everything random is keyed by the seed and the step, so a step that is done again gives the same trees; what the journal has of
 * them is not sampled again.
 */
export async function reinforceStep(
  context: ReinforceContext,
  before: RunProgress,
): Promise<ReinforceStep> {
  const { config, world, policy, learner, signal } = context;
  const { rollout, seed } = config;
  const step = before.steps + 1;
  const started = performance.now();
  const statsBefore = policy.stats();
  const pool = config.reinforcement.taskPool;
  const tasks = await tasksOfStep(world, { seed, pool }, step, rollout.tasksPerStep);
  const { treesPerTask, growth } = rolloutMethod(config, before.calibration ?? undefined);
  const trees = await withEnvironment(world.environment, (environment) =>
    rolloutTrees({
      environment,
      policy: { id: context.sampler, generate: policy.generate },
      protocol: world.protocol,
      brief: world.brief,
      ...growth,
      maxTurns: config.environment.maxTurns,
      sampling: { temperature: rollout.temperature, maxTokens: rollout.maxResponseTokens },
      recordAdmissible: true,
      concurrency: rollout.concurrency,
      trees: tasks.flatMap((task, index) => {
        const id = `${String(index).padStart(3, '0')}-${task.id}`;
        const key = [seed, 'reinforce', step, index];
        if (treesPerTask === 1) return [{ task, treeId: treeId(id), seed: key }];
        return Array.from({ length: treesPerTask }, (_, nth) => ({
          task,
          treeId: treeId(`${id}-${nth}`),
          seed: [...key, 'tree', nth],
        }));
      }),
      ...(context.journal !== undefined && { journal: context.journal }),
      ...(signal !== undefined && { signal }),
    }),
  );
  const rolledOut = performance.now();
  if (trees.every((tree) => tree.leaves.every((leaf) => leaf.outcome === 'failed'))) {
    throw new PolicyError(
      `step ${step}: every path was lost; the first: ${trees[0]?.leaves[0]?.error ?? 'unknown'}`,
      { remedy: 'Nothing can be learned from that: mend the cause, then resume the run.' },
    );
  }
  const groups = tasks.map((_, index) =>
    trees.slice(index * treesPerTask, (index + 1) * treesPerTask),
  );
  const credited = estimateBatch(estimatorOf(config), groups);
  const trainable = credited.filter(({ credits }) => credits.length > 0);
  const taught = new Set(trainable.map(({ tree }) => tree.id));
  const droppedGroups = groups.filter((group) => !group.some(({ id }) => taught.has(id))).length;
  const { policyVersion, metrics } = await learner.learn(trainable, {
    // An update is short and not stopped half-way: the weights stand between steps, where a checkpoint may be made.
    learningRate: learningRateAfter(before.generatedTokens, config),
  });
  await policy.idle();
  context.adopt(policyVersion);

  const summary = summarizeTrees(trees);
  const signalRead = calibratedSignal(rollout);
  const stats = policy.stats();
  const seconds = (performance.now() - started) / 1000;
  const success = summary.leaves === 0 ? 0 : summary.successes / summary.leaves;
  const decodeSteps = stats.decodeSteps - statsBefore.decodeSteps;
  const decodedTokens =
    stats.meanDecodeBatch * stats.decodeSteps -
    statsBefore.meanDecodeBatch * statsBefore.decodeSteps;
  return {
    success,
    progress: {
      ...before,
      steps: step,
      policyVersion: Number(policyVersion),
      reinforceSeconds: before.reinforceSeconds + seconds,
      generatedTokens: before.generatedTokens + summary.uniqueResponseTokens,
      chainEquivalentTokens: before.chainEquivalentTokens + summary.chainEquivalentResponseTokens,
      promptTokens: before.promptTokens + summary.uniquePromptTokens,
      cachedPromptTokens:
        before.cachedPromptTokens + stats.cachedPromptTokens - statsBefore.cachedPromptTokens,
      turns: before.turns + summary.turns,
      exploreTurns: before.exploreTurns + summary.exploringTurns,
      invalidTurns: before.invalidTurns + summary.invalidTurns,
      leaves: before.leaves + summary.leaves,
      failedLeaves: before.failedLeaves + summary.failed,
      forks: before.forks + summary.forks,
      droppedGroups: before.droppedGroups + droppedGroups,
      decodeSteps: before.decodeSteps + decodeSteps,
      decodedTokens: before.decodedTokens + decodedTokens,
      firstExploreRatio: before.firstExploreRatio ?? summary.exploreRatio,
      ...(signalRead !== undefined && {
        calibration: calibrate(trees, signalRead, before.calibration ?? undefined),
      }),
    },
    metrics: {
      ...treeMetrics(summary),
      'rollout/turns': summary.turns / Math.max(1, summary.leaves),
      'rollout/seconds': (rolledOut - started) / 1000,
      'rollout/mean_decode_batch': decodeSteps === 0 ? 0 : decodedTokens / decodeSteps,
      'tree/dropped_groups': droppedGroups,
      'learn/seconds': seconds - (rolledOut - started) / 1000,
      ...Object.fromEntries(
        Object.entries(metrics).map(([name, value]) => [`learn/${name}`, value]),
      ),
    },
  };
}
