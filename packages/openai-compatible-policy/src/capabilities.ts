import type { Policy } from '@spark-rl/core';

import { TokensUnavailableError } from './errors.js';

/** What a served model tells. */
export interface PolicyCapabilities {
  /** Whether it takes and tells token ids and log-probabilities, so that its trees can be trained on. */
  readonly tokens: boolean;
  /** Why not; undefined when it does. */
  readonly reason: string | undefined;
}

/**
 * Refuses a policy that cannot be trained from: one that says so in its `capabilities`. Policies that say nothing pass.
 *
 * @throws TokensUnavailableError with the reason
 */
export function requireTokens(
  policy: Policy & { readonly capabilities?: PolicyCapabilities },
): void {
  const { capabilities } = policy;
  if (capabilities === undefined || capabilities.tokens) return;
  throw new TokensUnavailableError(
    `policy ${policy.id} cannot be trained from: ${capabilities.reason ?? 'it tells no tokens'}`,
    {
      field: 'policy',
      value: policy.id,
      remedy:
        'Serve the model with vLLM, SGLang or llama.cpp; use this policy for evaluation and teaching',
    },
  );
}
