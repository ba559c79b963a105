import type { JsonValue, Ledger, RandomKey } from '@spark-rl/core';

import type { ResolvedOptions } from './options.js';

/** What else shapes the draw of responses; only what was asked for. */
const narrowing = ({
  settings: { sampling },
  constrain,
}: Pick<ResolvedOptions<unknown>, 'settings' | 'constrain'>): Readonly<
  Record<string, JsonValue>
> => ({
  ...(sampling.topK !== undefined && { topK: sampling.topK }),
  ...(sampling.topP !== undefined && { topP: sampling.topP }),
  ...(sampling.minP !== undefined && { minP: sampling.minP }),
  ...(sampling.stop !== undefined && { stop: sampling.stop }),
  ...(sampling.includeStop !== undefined && { includeStop: sampling.includeStop }),
  ...(sampling.constraint !== undefined && { constraint: sampling.constraint.id }),
  ...(constrain !== undefined && { constraint: 'by turn' }),
});

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
  ...narrowing(options),
  forkAt: options.settings.forkAt,
  poisonAfter: options.settings.poisonAfter,
  budget: options.budget.id,
  criterion: options.criterion.id,
  arbiter: options.arbiter.id,
  ...(options.expansion !== undefined && { expansion: options.expansion.id }),
  ...(options.rater !== undefined && { rater: options.rater.id }),
  ...(options.spending !== undefined && { spending: options.spending.id }),
  // Under a budget of time equal seeds do not give equal trees; whoever compares trees must know.
  ...(ledger.turns?.reproducible === false && { reproducible: false }),
  policy: options.policy.id,
  protocol: options.protocol.id,
  seed,
});
