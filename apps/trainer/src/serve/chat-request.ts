import type { Message } from '@spark-rl/core';
import { z } from 'zod';

import { generationPlan, type GenerationPlan } from './generation-plan.js';
import { readRequest, sharedFields } from './request-fields.js';
import type { ServedModel } from './served-model.js';

const textPart = z.looseObject({ type: z.literal('text'), text: z.string() });

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(textPart)]),
});

/** Messages as clients send them: contents that are lists of texts are put together, a developer is a system. */
export const messagesSchema = z
  .array(message)
  .min(1)
  .transform((messages) =>
    messages.map(({ role, content }): Message => ({
      role: role === 'developer' ? 'system' : role,
      content: typeof content === 'string' ? content : content.map(({ text }) => text).join(''),
    })),
  );

const schema = z.strictObject({
  ...sharedFields,
  messages: messagesSchema,
  max_completion_tokens: z.int().min(1).optional(),
  logprobs: z.boolean().default(false),
  top_logprobs: z.int().min(0).max(20).optional(),
});

/** A chat response without a limit may fill the context; where that is not known, so many tokens. */
const UNKNOWN_CONTEXT = 4096;

/** Reads `POST /v1/chat/completions`. */
export function readChatRequest(
  body: unknown,
  { contextLength = UNKNOWN_CONTEXT }: Pick<ServedModel, 'contextLength'>,
  requestId: string,
): GenerationPlan & { readonly model: string | undefined } {
  const request = readRequest(schema, body);
  return {
    ...generationPlan(
      request,
      {
        prompts: [{ kind: 'messages', messages: request.messages }],
        maxTokens: request.max_completion_tokens ?? request.max_tokens ?? contextLength,
        topLogProbs: request.logprobs ? (request.top_logprobs ?? 0) : null,
      },
      requestId,
    ),
    model: request.model,
  };
}
