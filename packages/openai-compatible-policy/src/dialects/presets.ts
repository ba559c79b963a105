import { InvalidInputError } from '@spark-rl/core';

import type { PolicyCapabilities } from '../capabilities.js';
import type { ServedPolicySettings } from '../policy-options.js';
import type { Dialect } from './dialect.js';
import { vllmDialect } from './vllm.js';

/** How a preset's servers are spoken to, and what they tell. */
export function presetOf(settings: ServedPolicySettings): {
  readonly dialect: Dialect;
  readonly capabilities: PolicyCapabilities;
} {
  const { preset } = settings;
  const tokens = settings.tokens ?? preset !== 'openai';
  if (tokens && preset === 'openai')
    throw new InvalidInputError('servers of the preset openai take and tell no token ids', {
      field: 'tokens',
      value: tokens,
      remedy: "Choose the preset 'vllm', 'sglang' or 'llama.cpp', or leave tokens out",
    });
  return {
    dialect: vllmDialect({ ...settings, tokens }),
    capabilities: {
      tokens,
      reason: tokens ? undefined : 'OpenAI-style chat tells no token ids',
    },
  };
}
