import type { JsonValue } from '@spark-rl/core';

/** Names under which earlier versions recorded a metric, and what it is called now. */
const RENAMED: Readonly<Record<string, string>> = {
  'learn/policyLoss': 'actor/pg_loss',
  'learn/kl': 'actor/kl_loss',
  'learn/policyKl': 'actor/ppo_kl',
  'learn/entropy': 'actor/entropy',
  'learn/clipRatio': 'actor/pg_clipfrac',
  'learn/gradientNorm': 'actor/grad_norm',
  'learn/learningRate': 'actor/lr',
  'learn/meanStaleness': 'learn/staleness',
  'learn/seconds': 'timing_s/update_actor',
  'rollout/seconds': 'timing_s/gen',
  'rollout/mean_decode_batch': 'perf/mean_decode_batch',
  'tree/budget_full_share': 'budget/full_share',
  'tree/budget_full_at': 'budget/full_at',
};

/**
 * What a metric is called now, whatever version recorded it: names that were changed are looked up, and those of the learner that were
 * written like `learn/paddedTokens` are written like `learn/padded_tokens`. Any other name is returned as it is.
 */
export function currentMetricName(name: string): string {
  const renamed = Object.hasOwn(RENAMED, name) ? RENAMED[name] : undefined;
  if (renamed !== undefined) return renamed;
  return name.startsWith('learn/')
    ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    : name;
}

/** A row under the names of now. */
export const withCurrentNames = <Value extends JsonValue>(
  row: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [currentMetricName(name), value]));
