import { z } from 'zod';

import { ApiError } from './api-error.js';
import { messagesSchema } from './chat-request.js';
import { readRequest } from './request-fields.js';
import type { ServedModel, ServedTokenizer } from './served-model.js';

const tokenizeSchema = z.strictObject({
  model: z.string().optional(),
  prompt: z.string().optional(),
  messages: messagesSchema.optional(),
  add_special_tokens: z.boolean().optional(),
  return_token_strs: z.boolean().default(false),
});

const detokenizeSchema = z.strictObject({
  model: z.string().optional(),
  tokens: z.array(z.int().min(0)),
});

function need({ tokenizer }: Pick<ServedModel, 'tokenizer'>): ServedTokenizer {
  if (tokenizer !== undefined) return tokenizer;
  throw new ApiError(400, 'the model that is served here shows no tokens');
}

/** `POST /tokenize`, as vLLM has it: the tokens of a text, or of a chat up to where the model goes on. */
export function tokenize(
  body: unknown,
  model: Pick<ServedModel, 'tokenizer' | 'contextLength'>,
): object {
  const request = readRequest(tokenizeSchema, body);
  const tokenizer = need(model);
  const { prompt, messages } = request;
  if ((prompt === undefined) === (messages === undefined))
    throw new ApiError(400, 'give prompt or messages, one of them', { param: 'prompt' });
  const text = prompt ?? tokenizer.renderMessages(messages!);
  const ids = Array.from(tokenizer.encode(text));
  const { beginOfSequence } = tokenizer;
  // A chat template writes the begin itself.
  const begins = request.add_special_tokens ?? (prompt !== undefined || !tokenizer.hasChatTemplate);
  if (begins && beginOfSequence !== undefined && ids[0] !== beginOfSequence)
    ids.unshift(beginOfSequence);
  return {
    count: ids.length,
    max_model_len: model.contextLength ?? null,
    tokens: ids,
    token_strs: request.return_token_strs ? ids.map((id) => tokenizer.decode([id])) : null,
  };
}

/** `POST /detokenize`, as vLLM has it. */
export function detokenize(body: unknown, model: Pick<ServedModel, 'tokenizer'>): object {
  const { tokens } = readRequest(detokenizeSchema, body);
  return { prompt: need(model).decode(tokens) };
}
