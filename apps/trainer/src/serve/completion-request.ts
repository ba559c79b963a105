import type { Prompt } from '@spark-rl/core';
import { z } from 'zod';

import { generationPlan, type GenerationPlan } from './generation-plan.js';
import { readRequest, sharedFields } from './request-fields.js';
import type { ServedModel } from './served-model.js';

const tokens = z.array(z.int().min(0)).min(1);

const schema = z.strictObject({
  ...sharedFields,
  prompt: z.union([z.string(), tokens, z.array(z.string()).min(1), z.array(tokens).min(1)]),
  logprobs: z.int().min(0).max(20).optional(),
  add_special_tokens: z.boolean().default(true),
});

/** What OpenAI and vLLM take when nobody says how long a completion may be. */
const DEFAULT_MAX_TOKENS = 16;

/** Reads `POST /v1/completions`: texts are encoded by the policy, token ids are taken as they are. */
export function readCompletionRequest(
  body: unknown,
  { tokenizer }: Pick<ServedModel, 'tokenizer'>,
  requestId: string,
): GenerationPlan & { readonly model: string | undefined } {
  const request = readRequest(schema, body);
  const { prompt } = request;
  const asPrompt = (each: string | readonly number[]): Prompt => {
    if (typeof each !== 'string')
      return { kind: 'transcript', segments: [{ tokens: Int32Array.from(each) }] };
    const bare = !request.add_special_tokens && tokenizer !== undefined;
    return {
      kind: 'transcript',
      segments: [bare ? { tokens: tokenizer.encode(each) } : { text: each }],
    };
  };
  const several = Array.isArray(prompt) && typeof prompt[0] !== 'number';
  const prompts = several
    ? (prompt as (string | number[])[]).map(asPrompt)
    : [asPrompt(prompt as string | number[])];
  return {
    ...generationPlan(
      request,
      {
        prompts,
        maxTokens: request.max_tokens ?? DEFAULT_MAX_TOKENS,
        topLogProbs: request.logprobs ?? null,
      },
      requestId,
    ),
    model: request.model,
  };
}
