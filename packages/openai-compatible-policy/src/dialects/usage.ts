import { z } from 'zod';

import type { Sampled } from './dialect.js';

const count = z.int().min(0).nullish();

/** Usage as OpenAI-style servers tell it. */
export const usageSchema = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count }).nullish(),
});

/** What was used, in the words of this package. A server that tells no cached tokens is taken to have none. */
export const usageOf = (
  usage: z.output<typeof usageSchema> | null | undefined,
): Pick<Sampled, 'usage' | 'cachedPromptTokens'> => ({
  usage: {
    prompt: usage?.prompt_tokens ?? undefined,
    response: usage?.completion_tokens ?? undefined,
  },
  cachedPromptTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
});
