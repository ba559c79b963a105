import type { JsonValue, Ledger, RandomKey } from '@spark-rl/core';

import type { ResolvedOptions } from './options.js';

/** What grew a tree, for the record that stands in it: N, M, the limits, the parts by their ids, and the seed. */
export const settingsRecord = (
  options: Omit<ResolvedOptions<unknown>, 'environment'>,
  ledger: Ledger,
  seed: RandomKey,
): Readonly<Record<string, JsonValue>> => ({
  profile: options.settings.profile,
  leaves: ledger.account().limit,
  roots: options.settings.roots,
  maxTurns: options.settings.maxTurns,
  temperature: options.settings.sampling.temperature,
  maxTokens: options.settings.sampling.maxTokens,
  forkAt: options.settings.forkAt,
  poisonAfter: options.settings.poisonAfter,
  budget: options.budget.id,
  criterion: options.criterion.id,
  arbiter: options.arbiter.id,
  ...(options.expansion !== undefined && { expansion: options.expansion.id }),
  ...(options.spending !== undefined && { spending: options.spending.id }),
  // Under a budget of time equal seeds do not give equal trees; whoever compares trees must know.
  ...(ledger.turns?.reproducible === false && { reproducible: false }),
  policy: options.policy.id,
  protocol: options.protocol.id,
  seed,
});
