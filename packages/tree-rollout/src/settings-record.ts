import type { JsonValue, RandomKey } from '@spark-rl/core';

import type { ResolvedOptions } from './options.js';

/** What grew a tree, for the record that stands in it: N, M, the limits, the parts by their ids, and the seed. */
export const settingsRecord = (
  options: Omit<ResolvedOptions<unknown>, 'environment'>,
  leaves: number,
  seed: RandomKey,
): Readonly<Record<string, JsonValue>> => ({
  profile: options.settings.profile,
  leaves,
  roots: options.settings.roots,
  maxTurns: options.settings.maxTurns,
  temperature: options.settings.sampling.temperature,
  maxTokens: options.settings.sampling.maxTokens,
  budget: options.budget.id,
  criterion: options.criterion.id,
  arbiter: options.arbiter.id,
  policy: options.policy.id,
  protocol: options.protocol.id,
  seed,
});
