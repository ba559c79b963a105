import { InvalidInputError } from '@spark-rl/core';

import type { PolicyCapabilities } from '../capabilities.js';
import type { Preset, ServedPolicySettings } from '../policy-options.js';
import type { Dialect, DialectOptions } from './dialect.js';
import { llamaCppDialect } from './llama-cpp.js';
import { openAiDialect } from './openai.js';
import { sglangDialect } from './sglang.js';
import { vllmDialect } from './vllm.js';

const TOKEN_DIALECTS: Readonly<
  Record<Exclude<Preset, 'openai'>, (options: DialectOptions) => Dialect>
> = { vllm: vllmDialect, sglang: sglangDialect, 'llama.cpp': llamaCppDialect };

/** Streams of SGLang repeat everything in each event; llama.cpp is always read as a stream. */
const STREAMED: readonly Preset[] = ['vllm', 'openai'];

function wrong(field: string, value: unknown, problem: string, remedy: string): never {
  throw new InvalidInputError(problem, { field, value, remedy });
}

/**
 * How a preset's servers are spoken to, and what they tell. Without tokens, all of them are spoken to as OpenAI's: they have its chat.
 *
 * @throws InvalidInputError when settings do not go together
 */
export function presetOf(settings: ServedPolicySettings): {
  readonly dialect: Dialect;
  readonly capabilities: PolicyCapabilities;
} {
  const { preset, stream, api } = settings;
  const tokens = settings.tokens ?? preset !== 'openai';
  if (stream && tokens && !STREAMED.includes(preset))
    wrong('stream', stream, `the preset ${preset} cannot be told to stream`, 'Leave stream out');
  if (api === 'chat' && tokens && preset !== 'vllm')
    wrong(
      'api',
      api,
      `the chat of ${preset} tells no token ids`,
      'Leave api out, or give tokens: false',
    );
  if (!tokens) {
    const reason =
      preset === 'openai'
        ? 'an OpenAI-style API tells neither the token ids nor the log-probabilities that training needs'
        : 'it was made with tokens: false';
    return {
      dialect: openAiDialect(settings, preset === 'openai' ? '/v1/models' : '/health'),
      capabilities: { tokens, reason },
    };
  }
  if (preset === 'openai')
    return wrong(
      'tokens',
      tokens,
      'servers of the preset openai take and tell no token ids',
      "Choose the preset 'vllm', 'sglang' or 'llama.cpp', or leave tokens out",
    );
  return { dialect: TOKEN_DIALECTS[preset](settings), capabilities: { tokens, reason: undefined } };
}
