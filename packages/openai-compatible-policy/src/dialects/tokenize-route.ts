import { parseInput, type JsonValue, type Message } from '@spark-rl/core';
import { z } from 'zod';

import type { Wire, WireContext, WireQuery } from '../transport/wire-call.js';
import { tokenIds } from './number-lists.js';

const tokenizedSchema = z.object({ tokens: tokenIds });

/** Reads `{ tokens: [...] }`. */
export const readTokens = (answer: JsonValue): Int32Array =>
  Int32Array.from(parseInput(tokenizedSchema, answer, 'answer of /tokenize').tokens);

/** Messages as servers take them. */
export const plainMessages = (messages: readonly Message[]): JsonValue =>
  messages.map(({ role, content }) => ({ role, content }));

/** `/tokenize` of vLLM and SGLang, for a text. */
export const tokenizeText = (text: string, model: string): WireQuery<Int32Array> => ({
  call: {
    method: 'POST',
    path: '/tokenize',
    body: { model, prompt: text, add_special_tokens: false },
  },
  read: readTokens,
});

/** `/tokenize` of vLLM and SGLang, for a chat: the server applies its chat template. */
export const tokenizeByMessages = (
  messages: readonly Message[],
  model: string,
  wire: Wire,
  context: WireContext,
): Promise<Int32Array> =>
  wire(
    {
      call: {
        method: 'POST',
        path: '/tokenize',
        body: { model, messages: plainMessages(messages), add_generation_prompt: true },
      },
      read: readTokens,
    },
    context,
  );
