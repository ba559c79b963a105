import { InvalidInputError, parseInput, type JsonValue, type Sampling } from '@spark-rl/core';
import { z } from 'zod';

import type { Ask, Dialect, DialectOptions, Sampled } from './dialect.js';
import { finishOf } from './finish.js';
import { requestBody } from './request-body.js';
import { readStream } from './stream-events.js';
import { plainMessages } from './tokenize-route.js';
import { usageOf, usageSchema } from './usage.js';

const choice = z.object({
  finish_reason: z.string().nullish(),
  message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).optional(),
  delta: z.object({ content: z.string().nullish() }).optional(),
});

const chatSchema = z.object({ choices: z.array(choice), usage: usageSchema.nullish() });

/** The most stop strings that OpenAI's API takes. */
const MOST_STOPS = 4;

/**
 * Stop strings that the server can be left with. It never says which one it met, nor keeps it, so that a response which is to keep
 * its stop string is cut here instead, and so is one that may end at more strings than the API takes.
 */
const isCutHere = ({ stop = [], includeStop }: Sampling): boolean =>
  includeStop === true || stop.length > MOST_STOPS;

/** The text up to the first of the stop strings. */
function cut(text: string, { stop = [], includeStop }: Sampling): string | undefined {
  const first = stop
    .map((each) => ({ each, at: text.indexOf(each) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
  if (first === undefined) return undefined;
  return text.slice(0, first.at) + (includeStop === true ? first.each : '');
}

/**
 * OpenAI-style chat completions (https://github.com/openai/openai-openapi): messages in, text out. No token ids, and log-probabilities of
 * texts alone, so nothing can be trained on them.
 */
export function openAiDialect(options: DialectOptions, health = '/v1/models'): Dialect {
  return {
    health: { method: 'GET', path: health, body: null },
    inexact: () => undefined,
    respond: (ask) => ({
      call: {
        method: 'POST',
        path: '/v1/chat/completions',
        body: chatBody(ask, options),
        ...(options.stream && { answer: 'events' as const }),
      },
      read: (answer) => readChat(answer, ask, options),
    }),
  };
}

function chatBody({ prompt, model, sampling, seed }: Ask, options: DialectOptions): JsonValue {
  if (prompt.kind !== 'messages')
    throw new InvalidInputError('chat takes messages', { field: 'prompt' });
  const { temperature, maxTokens, topK, topP, minP, stop = [] } = sampling;
  return requestBody(
    {
      model,
      messages: plainMessages(prompt.messages),
      [options.maxTokensField]: maxTokens,
      temperature,
      top_p: topP ?? 1,
      // Fields of servers that are more than the API; sent only where they are asked for.
      top_k: topK,
      min_p: minP,
      seed,
      n: 1,
      stop: stop.length === 0 || isCutHere(sampling) ? undefined : [...stop],
      ...(options.stream && { stream: true, stream_options: { include_usage: true } }),
    },
    options,
  );
}

function readChat(answer: JsonValue, { sampling }: Ask, { stream }: DialectOptions): Sampled {
  const parts = stream
    ? readStream(chatSchema, answer, 'answer of /v1/chat/completions')
    : [parseInput(chatSchema, answer, 'answer of /v1/chat/completions')];
  const choices = parts.flatMap((part) => part.choices);
  const reason = choices
    .map(({ finish_reason }) => finish_reason)
    .findLast((each) => each !== null && each !== undefined);
  if (choices.length === 0 || (stream && reason === undefined))
    throw new InvalidInputError('the answer was cut off before its end', { field: 'choices' });
  const text = choices
    .map(({ message, delta }) => message?.content ?? delta?.content ?? '')
    .join('');
  const usage = parts.findLast((part) => part.usage !== null && part.usage !== undefined)?.usage;
  const ended = isCutHere(sampling) ? cut(text, sampling) : undefined;
  return {
    text: ended ?? text,
    finish: ended === undefined ? finishOf(reason) : 'stop',
    ...usageOf(usage),
  };
}
