import type { CreditedTree } from '@spark-rl/core';
import { treeMetrics } from '@spark-rl/tree-rollout';

import type { TrainConfig } from '../config/schema.js';
import { leafReward, type Groups } from './group-filter.js';
import type { StepTrees } from './grow-step.js';
import type { LearnedStep } from './learn-step.js';
import { learnerMetricName } from './metric-names.js';

/** What one step of reinforcement found, by the names of the metrics file. */
export type StepMetrics = Readonly<Record<string, number>>;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Mean, most and least of some values under one name; nothing where there are none. */
function spread(name: string, values: readonly number[]): StepMetrics {
  if (values.length === 0) return {};
  return {
    [`${name}/mean`]: sum(values) / values.length,
    [`${name}/max`]: values.reduce((a, b) => Math.max(a, b)),
    [`${name}/min`]: values.reduce((a, b) => Math.min(a, b)),
  };
}

/** What the paths earned, over all of them and task by task. */
function rewardMetrics(config: TrainConfig, groups: Groups): StepMetrics {
  const reward = leafReward(config);
  const rewards = groups.map((trees) =>
    trees.flatMap(({ leaves }) => leaves.filter((leaf) => leaf.outcome !== 'failed').map(reward)),
  );
  const all = rewards.flat();
  const mean = share(sum(all), all.length);
  const alike = rewards.filter((group) => group.every((each) => each === group[0])).length;
  return {
    ...spread('critic/score', all),
    reward_std: Math.sqrt(
      share(sum(all.map((each) => (each - mean) ** 2)), Math.max(1, all.length - 1)),
    ),
    frac_reward_zero_std: share(alike, groups.length),
  };
}

/** Lengths of responses, prompts and paths, in tokens and turns. */
function lengthMetrics({ trees }: StepTrees): StepMetrics {
  const turns = trees.flatMap((tree) => [...tree.turns.values()]);
  const responses = turns.map(({ generation }) => generation.responseTokens.length);
  const cut = turns.filter(({ generation }) => generation.finish === 'length').length;
  const paths = trees.flatMap((tree) =>
    tree.leaves.flatMap(({ tail, outcome, copy }) =>
      tail === null || outcome === 'failed' || copy !== undefined
        ? []
        : [tree.turns.get(tail)!.index + 1],
    ),
  );
  return {
    ...spread('response_length', responses),
    'response_length/clip_ratio': share(cut, turns.length),
    ...spread(
      'prompt_length',
      turns.map(({ generation }) => generation.promptTokens.length),
    ),
    ...spread('num_turns', paths),
  };
}

/** Advantages of the copies that are trained; their mean is weighted as the loss weighs tokens. */
function advantageMetrics(credited: readonly CreditedTree[]): StepMetrics {
  const copies = credited.flatMap(({ tree, credits }) =>
    credits.flatMap(({ node, copies: each }) => {
      const tokens = tree.turns.get(node)!.generation.responseTokens.length;
      return each.map(({ advantage, weight }) => ({ advantage, counts: weight * tokens }));
    }),
  );
  const all = copies.map(({ advantage }) => advantage);
  const counts = sum(copies.map((each) => each.counts));
  return {
    ...spread('critic/advantages', all),
    ...(counts > 0 && {
      'critic/advantages/mean': sum(copies.map((each) => each.advantage * each.counts)) / counts,
    }),
  };
}

/** What happened while a step was made: where rollouts run ahead, the trees of the next one grew, not those that were learned from. */
export interface StepTime {
  readonly seconds: number;
  /** Spent on growing trees. */
  readonly growingSeconds: number;
  /** Of the prompts and responses of those trees. */
  readonly tokens: number;
}

/** How the time was spent. Where rollouts run ahead, sampling and learning overlap and their shares may add up to more than 1. */
function timeMetrics(
  grown: StepTrees,
  learned: LearnedStep,
  { seconds, growingSeconds, tokens }: StepTime,
): StepMetrics {
  const { summary, policySeconds } = grown;
  return {
    'timing_s/gen': grown.seconds,
    'timing_s/update_actor': learned.seconds,
    'timing_s/step': seconds,
    'perf/total_num_tokens': tokens,
    'perf/time_per_step': seconds,
    'perf/throughput': share(tokens, seconds),
    'perf/gen_tokens_per_second': share(summary.uniqueResponseTokens, grown.seconds),
    'perf/gen_share': share(growingSeconds, seconds),
    'perf/update_share': share(learned.seconds, seconds),
    'perf/policy_share': share(policySeconds, grown.seconds),
    'perf/environment_share': share(grown.seconds - policySeconds, grown.seconds),
    'perf/mean_decode_batch': share(grown.decodedTokens, grown.decodeSteps),
  };
}

/**
 * All numbers of a step.
 *
 * @param progress - what the run has generated, this step included
 */
export function stepMetrics(
  config: TrainConfig,
  grown: StepTrees,
  learned: LearnedStep,
  progress: { readonly generatedTokens: number },
  time: StepTime,
): StepMetrics {
  const { summary } = grown;
  return {
    ...treeMetrics(summary),
    'rollout/turns': summary.turns / Math.max(1, summary.leaves),
    'rollout/tasks': grown.groups.length,
    'rollout/generation_batches': grown.rounds,
    'tree/dropped_groups': learned.droppedGroups,
    'budget/tokens': progress.generatedTokens,
    'budget/tokens_share': progress.generatedTokens / config.reinforcement.tokens,
    ...rewardMetrics(config, grown.groups),
    ...lengthMetrics(grown),
    ...advantageMetrics(learned.credited),
    ...Object.fromEntries(
      Object.entries(learned.metrics).map(([name, value]) => [learnerMetricName(name), value]),
    ),
    ...timeMetrics(grown, learned, time),
  };
}
