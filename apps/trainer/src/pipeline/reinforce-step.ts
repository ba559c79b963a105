import { leafStatistics } from '@spark-rl/advantage-normalization';
import { exploreTag, fixedProbability, never } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import {
  PolicyError,
  treeId,
  type BranchingCriterion,
  type Journal,
  type Tree,
} from '@spark-rl/core';
import type { GrpoLearner } from '@spark-rl/grpo-optimizer';
import type { TransformerPolicy } from '@spark-rl/transformer-policy';
import { rolloutTrees, treeStatistics } from '@spark-rl/tree-rollout';

import type { TrainConfig } from '../config/schema.js';
import type { RunProgress } from './checkpoint.js';
import type { World } from './world.js';

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

function criterionOf({
  criterion,
  width,
  probability,
}: TrainConfig['rollout']): BranchingCriterion {
  switch (criterion) {
    case 'explore-tag':
      return exploreTag({ width });
    case 'fixed-probability':
      return fixedProbability({ probability, width });
    case 'never':
      return never();
  }
}

/** Falls in a straight line with the tokens generated, so that runs of equal budgets are comparable whatever their steps hold. */
function learningRateAfter(tokens: number, { learning, reinforcement }: TrainConfig): number {
  const spent = Math.min(1, tokens / reinforcement.tokens);
  return learning.learningRate * (1 - (1 - learning.finalLearningRateShare) * spent);
}

/** Sums the statistics of trees by name. */
function totals(trees: readonly Tree[]): {
  readonly leaves: number;
  readonly failed: number;
  readonly turns: number;
  readonly forks: number;
  readonly explore: number;
  readonly invalid: number;
  readonly unavailable: number;
  readonly success: number;
  readonly response: number;
  readonly prompt: number;
  readonly chain: number;
} {
  const sum = {
    leaves: 0,
    failed: 0,
    turns: 0,
    forks: 0,
    explore: 0,
    invalid: 0,
    unavailable: 0,
    success: 0,
    response: 0,
    prompt: 0,
    chain: 0,
  };
  for (const tree of trees) {
    const statistics = treeStatistics(tree);
    sum.leaves += statistics.leaves;
    sum.failed += statistics.failed;
    sum.turns += statistics.turns;
    sum.forks += statistics.forks;
    sum.response += statistics.uniqueResponseTokens;
    sum.prompt += statistics.uniquePromptTokens;
    sum.chain += statistics.chainEquivalentResponseTokens;
    for (const turn of tree.turns.values()) {
      if (turn.response.mode === 'explore') sum.explore++;
      if (!turn.response.valid) sum.invalid++;
      if (turn.admissible === false) sum.unavailable++;
    }
    sum.success += tree.leaves.filter((leaf) => leaf.outcome === 'success').length;
  }
  return sum;
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
  const { rollout, learning, seed } = config;
  const step = before.steps + 1;
  const started = performance.now();
  const statsBefore = policy.stats();
  const tasks = world.tasks('train', seed * 1_000_000 + step, rollout.tasksPerStep);
  const trees = await rolloutTrees({
    environment: world.environment,
    policy: { id: context.sampler, generate: policy.generate },
    protocol: world.protocol,
    brief: world.brief,
    budget: leafBudget({ leaves: rollout.leaves }),
    criterion: criterionOf(rollout),
    roots: rollout.roots,
    maxTurns: config.environment.maxTurns,
    sampling: { temperature: rollout.temperature, maxTokens: rollout.maxResponseTokens },
    recordAdmissible: true,
    concurrency: rollout.concurrency,
    trees: tasks.map((task, index) => ({
      task,
      treeId: treeId(`${String(index).padStart(3, '0')}-${task.id}`),
      seed: [seed, 'reinforce', step, index],
    })),
    ...(context.journal !== undefined && { journal: context.journal }),
    ...(signal !== undefined && { signal }),
  });
  const rolledOut = performance.now();
  if (trees.every((tree) => tree.leaves.every((leaf) => leaf.outcome === 'failed'))) {
    throw new PolicyError(
      `step ${step}: every path was lost; the first: ${trees[0]?.leaves[0]?.error ?? 'unknown'}`,
      { remedy: 'Nothing can be learned from that: mend the cause, then resume the run.' },
    );
  }
  const estimator = leafStatistics({
    weights: learning.weights,
    invalidPenalty: learning.invalidPenalty,
    unavailablePenalty: learning.unavailablePenalty,
  });
  const credited = trees.map((tree) => ({ tree, credits: estimator.estimate([tree]) }));
  const trainable = credited.filter(({ credits }) => credits.length > 0);
  const { policyVersion, metrics } = await learner.learn(trainable, {
    // An update is short and not stopped half-way: the weights stand between steps, where a checkpoint may be made.
    learningRate: learningRateAfter(before.generatedTokens, config),
  });
  await policy.idle();
  context.adopt(policyVersion);

  const sum = totals(trees);
  const stats = policy.stats();
  const seconds = (performance.now() - started) / 1000;
  const exploreRatio = sum.explore / sum.turns;
  const success = sum.leaves === 0 ? 0 : sum.success / sum.leaves;
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
      generatedTokens: before.generatedTokens + sum.response,
      chainEquivalentTokens: before.chainEquivalentTokens + sum.chain,
      promptTokens: before.promptTokens + sum.prompt,
      cachedPromptTokens:
        before.cachedPromptTokens + stats.cachedPromptTokens - statsBefore.cachedPromptTokens,
      turns: before.turns + sum.turns,
      exploreTurns: before.exploreTurns + sum.explore,
      invalidTurns: before.invalidTurns + sum.invalid,
      leaves: before.leaves + sum.leaves,
      failedLeaves: before.failedLeaves + sum.failed,
      forks: before.forks + sum.forks,
      droppedGroups: before.droppedGroups + credited.length - trainable.length,
      decodeSteps: before.decodeSteps + decodeSteps,
      decodedTokens: before.decodedTokens + decodedTokens,
      firstExploreRatio: before.firstExploreRatio ?? exploreRatio,
    },
    metrics: {
      'rollout/success': success,
      'rollout/turns': sum.turns / Math.max(1, sum.leaves),
      'rollout/tokens_generated': sum.response,
      'rollout/tokens_chain_equivalent': sum.chain,
      'rollout/invalid_share': sum.invalid / sum.turns,
      'rollout/unavailable_share': sum.unavailable / sum.turns,
      'rollout/seconds': (rolledOut - started) / 1000,
      'rollout/mean_decode_batch': decodeSteps === 0 ? 0 : decodedTokens / decodeSteps,
      'tree/leaves': sum.leaves / trees.length,
      'tree/failed_leaves': sum.failed,
      'tree/forks': sum.forks,
      'tree/dropped_groups': credited.length - trainable.length,
      'explore/share': exploreRatio,
      'learn/seconds': seconds - (rolledOut - started) / 1000,
      ...Object.fromEntries(
        Object.entries(metrics).map(([name, value]) => [`learn/${name}`, value]),
      ),
    },
  };
}
