import { InvalidInputError, parseInput, type JsonValue } from '@spark-rl/core';
import { z } from 'zod';

import { TokenMismatchError } from '../errors.js';
import type { WireQuery } from '../transport/wire-call.js';
import type { Ask, DialectOptions, Sampled } from './dialect.js';
import { finishOf } from './finish.js';
import { tokenIds } from './number-lists.js';
import { requestBody } from './request-body.js';
import { readStream } from './stream-events.js';
import { tokenIdOf } from './token-name.js';
import { plainMessages } from './tokenize-route.js';
import { usageOf, usageSchema } from './usage.js';
import { likeliestOf, vllmFrame, vllmSampling } from './vllm.js';

const named = z.object({ token: z.string(), logprob: z.number() });
const said = z.object({
  content: z.string().nullish(),
  reasoning: z.string().nullish(),
  reasoning_content: z.string().nullish(),
});

const chatSchema = z.object({
  choices: z.array(
    z.object({
      message: said.optional(),
      delta: said.optional(),
      finish_reason: z.string().nullish(),
      token_ids: tokenIds.nullish(),
      logprobs: z
        .object({
          content: z.array(named.extend({ top_logprobs: z.array(named).default([]) })).nullish(),
        })
        .nullish(),
    }),
  ),
  prompt_token_ids: tokenIds.nullish(),
  usage: usageSchema.nullish(),
});

/**
 * vLLM's `/v1/chat/completions`: the server applies its chat template and says which ids came of it, so that a chat takes one call instead of
 * two. A server that takes responses apart (`--reasoning-parser`, `--tool-call-parser`) gives texts that no longer are what the
 * tokens say, and is refused.
 */
export function vllmChatQuery(ask: Ask, options: DialectOptions): WireQuery<Sampled> {
  return {
    call: {
      method: 'POST',
      path: '/v1/chat/completions',
      body: chatBody(ask, options),
      ...(options.stream && { answer: 'events' as const }),
    },
    read: (answer) => readChat(answer, ask, options),
  };
}

function chatBody(ask: Ask, options: DialectOptions): JsonValue {
  const { prompt, model, sampling, want } = ask;
  return requestBody(
    {
      model,
      messages: prompt.kind === 'messages' ? plainMessages(prompt.messages) : [],
      max_completion_tokens: sampling.maxTokens,
      ...vllmSampling(sampling),
      logprobs: true,
      top_logprobs: want.topLogProbs ?? 0,
      ...vllmFrame(ask, options),
    },
    options,
  );
}

function readChat(answer: JsonValue, { want }: Ask, { stream }: DialectOptions): Sampled {
  const what = 'answer of /v1/chat/completions';
  const parts = stream
    ? readStream(chatSchema, answer, what)
    : [parseInput(chatSchema, answer, what)];
  const choices = parts.flatMap((part) => part.choices);
  const reason = choices.at(-1)?.finish_reason;
  if (choices.length === 0 || (stream && typeof reason !== 'string'))
    throw new InvalidInputError(`${what}: it was cut off before its end`, { field: 'choices' });
  const messages = choices.map(({ message, delta }) => message ?? delta ?? {});
  if (messages.some((each) => each.reasoning ?? each.reasoning_content))
    throw new TokenMismatchError('the server takes the reasoning out of the response', {
      field: 'choices.message.reasoning',
      remedy: "Start vLLM without --reasoning-parser, or give api: 'completions'",
    });
  const drawn = choices.flatMap(({ logprobs }) => logprobs?.content ?? []);
  const told = choices.some(({ token_ids }) => Array.isArray(token_ids));
  const top = want.topLogProbs ?? 0;
  return {
    text: messages.map(({ content }) => content ?? '').join(''),
    finish: finishOf(reason),
    ...usageOf(parts.at(-1)?.usage),
    ...(told && {
      tokens: {
        prompt: parts[0]?.prompt_token_ids ?? undefined,
        response: choices.flatMap(({ token_ids }) => token_ids ?? []),
        logProbs: drawn.map(({ logprob }) => logprob),
        named: drawn.map(({ token }) => tokenIdOf(token)),
        texts: drawn.map(({ token }) => (tokenIdOf(token) === undefined ? token : undefined)),
        ...(top > 0 && {
          top: drawn.map(({ top_logprobs }) =>
            likeliestOf(
              top_logprobs.map(({ token, logprob }) => ({ name: token, logProb: logprob })),
              top,
            ),
          ),
        }),
      },
    }),
  };
}
