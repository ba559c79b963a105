import { InvalidInputError, parseInput, type JsonValue } from '@spark-rl/core';
import { z } from 'zod';

import { TokenMismatchError } from '../errors.js';
import type { Ask, Dialect, DialectOptions, Sampled } from './dialect.js';
import { requestBody } from './request-body.js';
import { readStream } from './stream-events.js';
import { plainMessages, readTokens } from './tokenize-route.js';

const count = z.int().min(0).nullish();

/** A token with its probability: `logprob` before the sampling chain, `prob` after it. */
const tokenProbability = z.object({
  id: z.int().min(0),
  token: z.string().nullish(),
  logprob: z.number().nullish(),
  prob: z.number().nullish(),
});

const told = tokenProbability.extend({
  top_logprobs: z.array(tokenProbability).nullish(),
  top_probs: z.array(tokenProbability).nullish(),
});

const completionSchema = z.object({
  content: z.string().default(''),
  tokens: z.array(z.int().min(0)).default([]),
  stop: z.boolean().default(true),
  stop_type: z.string().nullish(),
  stopping_word: z.string().nullish(),
  truncated: z.boolean().nullish(),
  tokens_predicted: count,
  tokens_evaluated: count,
  timings: z.object({ cache_n: count, prompt_n: count }).nullish(),
  completion_probabilities: z.array(told).nullish(),
});

type Told = z.output<typeof told>;

/**
 * The native API of llama.cpp's server (`llama-server`; tools/server/README.md): `/completion` with the prompt as ids and `return_tokens`. The
 * response is streamed, since a response that is read at once lacks the probabilities of the tokens of its stop string.
 *
 * Log-probabilities: at temperature 1 the server's `logprob`, which is of softmax(logits); at any other temperature `post_sampling_probs`
 * are asked for, which are those of the distribution sampled from, as probabilities in float32. The only sampler is the temperature, unless more is asked for.
 * The server tells no probability of a token that ends inside a character: responses with such tokens are refused as TokenMismatchError.
 */
export function llamaCppDialect(options: DialectOptions): Dialect {
  return {
    health: { method: 'GET', path: '/health', body: null },
    inexact: () => undefined,
    encode: (text) => ({
      call: {
        method: 'POST',
        path: '/tokenize',
        body: { content: text, add_special: false, parse_special: true },
      },
      read: readTokens,
    }),
    encodeMessages: async (messages, _model, wire, context) => {
      const content = await wire(
        {
          call: {
            method: 'POST',
            path: '/apply-template',
            body: { messages: plainMessages(messages) },
          },
          read: (answer) =>
            parseInput(z.object({ prompt: z.string() }), answer, 'answer of /apply-template')
              .prompt,
        },
        context,
      );
      return wire(
        {
          call: {
            method: 'POST',
            path: '/tokenize',
            // The template leaves the begin of the sequence to the tokenizer.
            body: { content, add_special: true, parse_special: true },
          },
          read: readTokens,
        },
        context,
      );
    },
    respond: (ask) => ({
      call: {
        method: 'POST',
        path: '/completion',
        body: completionBody(ask, options),
        answer: 'events',
      },
      read: (answer) => readCompletion(answer, ask),
    }),
  };
}

function completionBody({ prompt, sampling, seed, want }: Ask, options: DialectOptions): JsonValue {
  const { temperature, maxTokens, topK, topP, minP, stop } = sampling;
  return requestBody(
    {
      prompt: prompt.kind === 'tokens' ? [...prompt.tokens] : undefined,
      n_predict: maxTokens,
      temperature,
      samplers: [
        ...(topK === undefined ? [] : ['top_k']),
        ...(topP === undefined ? [] : ['top_p']),
        ...(minP === undefined ? [] : ['min_p']),
        'temperature',
      ],
      top_k: topK ?? 0,
      top_p: topP ?? 1,
      min_p: minP ?? 0,
      typical_p: 1,
      repeat_penalty: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      seed,
      stop: stop === undefined || stop.length === 0 ? undefined : [...stop],
      n_probs: Math.max(1, want.topLogProbs ?? 0),
      post_sampling_probs: temperature !== 1 && temperature !== 0,
      return_tokens: true,
      cache_prompt: true,
      stream: true,
    },
    options,
  );
}

const logProbOf = ({ logprob, prob }: z.output<typeof tokenProbability>): number =>
  logprob ?? (prob === null || prob === undefined ? Number.NaN : Math.log(prob));

function readCompletion(answer: JsonValue, { sampling, want }: Ask): Sampled {
  const parts = readStream(completionSchema, answer, 'answer of /completion');
  const last = parts.at(-1);
  if (last?.stop !== true)
    throw new InvalidInputError('the stream was cut off before its last event', { field: 'stop' });
  // A response may be truncated by the end of the context; anything else means that the server let go of a part of the prompt.
  if (last.truncated === true && last.stop_type !== 'limit')
    throw new TokenMismatchError('the server dropped a part of the context while it answered', {
      field: 'truncated',
      remedy: 'Start llama-server without --context-shift, or with a larger --ctx-size',
    });
  const response = parts.flatMap(({ tokens }) => tokens);
  const probabilities: readonly Told[] = parts.flatMap(
    ({ completion_probabilities: told }) => told ?? [],
  );
  const stopped = last.stop_type === 'word' ? (last.stopping_word ?? '') : '';
  const { timings, tokens_evaluated: read } = last;
  const cached =
    timings?.cache_n ??
    (typeof timings?.prompt_n === 'number' && typeof read === 'number'
      ? read - timings.prompt_n
      : 0);
  const top = want.topLogProbs ?? 0;
  return {
    text:
      parts.map(({ content }) => content).join('') + (sampling.includeStop === true ? stopped : ''),
    finish: last.stop_type === 'limit' ? 'length' : 'stop',
    usage: {
      prompt: read ?? undefined,
      response: last.tokens_predicted ?? undefined,
    },
    cachedPromptTokens: cached,
    tokens: {
      response,
      logProbs: probabilities.map(logProbOf),
      named: probabilities.map(({ id }) => id),
      texts: probabilities.map(({ token }) => token ?? undefined),
      ...(top > 0 && {
        top: probabilities.map(({ top_logprobs, top_probs }) =>
          (top_logprobs ?? top_probs ?? []).slice(0, top).map((each) => ({
            token: each.id,
            logProb: logProbOf(each),
          })),
        ),
      }),
    },
  };
}
