import { estimateBatch } from '@spark-rl/advantage-normalization';
import type { CreditedTree, LearningMetrics } from '@spark-rl/core';
import type { GrpoLearner } from '@spark-rl/grpo-optimizer';

import type { TrainConfig } from '../config/schema.js';
import { estimatorOf } from './estimator.js';
import type { StepTrees } from './grow-step.js';

/** What was learned from the trees of a step. */
export interface LearnedStep {
  readonly policyVersion: string;
  /** By the learner's own names. */
  readonly metrics: LearningMetrics;
  readonly credited: readonly CreditedTree[];
  /** Tasks that taught nothing: filtered, or without two paths to compare. */
  readonly droppedGroups: number;
  readonly seconds: number;
}

/** Falls in a straight line with the tokens generated, so that runs of equal budgets are comparable whatever their steps hold. */
function learningRateAfter(tokens: number, { learning, reinforcement }: TrainConfig): number {
  const spent = Math.min(1, tokens / reinforcement.tokens);
  return learning.learningRate * (1 - (1 - learning.finalLearningRateShare) * spent);
}

/**
 * Credits the turns of the groups that are kept, and updates the learner. It is short and not stopped half-way: the weights stand between
 * steps, where a checkpoint may be made.
 *
 * @param tokensBefore - generated before the step: what the learning rate follows
 */
export async function learnStep(
  config: TrainConfig,
  learner: GrpoLearner,
  { groups, kept }: Pick<StepTrees, 'groups' | 'kept'>,
  tokensBefore: number,
): Promise<LearnedStep> {
  const started = performance.now();
  const credited = estimateBatch(
    estimatorOf(config),
    kept.map((place) => groups[place]!),
  ).filter(({ credits }) => credits.length > 0);
  const taught = new Set(credited.map(({ tree }) => tree.id));
  const { policyVersion, metrics } = await learner.learn(credited, {
    learningRate: learningRateAfter(tokensBefore, config),
  });
  return {
    policyVersion,
    metrics,
    credited,
    droppedGroups: groups.filter((group) => !group.some(({ id }) => taught.has(id))).length,
    seconds: (performance.now() - started) / 1000,
  };
}
