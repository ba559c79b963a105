import { InvalidInputError, parseInput, type JsonValue, type Sampling } from '@spark-rl/core';
import { z } from 'zod';

import type { Ask, Dialect, DialectOptions, Sampled } from './dialect.js';
import { finishOf } from './finish.js';
import { numbersOrNull, texts, tokenIds } from './number-lists.js';
import { requestBody } from './request-body.js';
import { readStream } from './stream-events.js';
import { tokenIdOf } from './token-name.js';
import { tokenizeByMessages, tokenizeText } from './tokenize-route.js';
import { usageOf, usageSchema } from './usage.js';
import { vllmChatQuery } from './vllm-chat.js';

const completionSchema = z.object({
  choices: z.array(
    z.object({
      text: z.string(),
      finish_reason: z.string().nullish(),
      token_ids: tokenIds.nullish(),
      prompt_token_ids: tokenIds.nullish(),
      logprobs: z
        .object({
          tokens: texts.default([]),
          token_logprobs: numbersOrNull.default([]),
          top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
        })
        .nullish(),
    }),
  ),
  usage: usageSchema.nullish(),
});

type Completion = z.output<typeof completionSchema>;

/**
 * vLLM's API (`vllm serve`, 0.10.2 or newer): token ids go in as the prompt of `/v1/completions` and come back by `return_token_ids`. The
 * server's default sampling comes from the model's `generation_config.json` (often top-p 0.8, top-k 20, a repetition penalty), so everything
 * that shapes the distribution is said in each request. A LoRA adapter is the name of a model.
 *
 * Log-probabilities: `--logprobs-mode raw_logprobs`, the default, are of softmax(logits) before the temperature, so that they are those of
 * the distribution sampled from at temperature 1 only; `processed_logprobs` are, at any.
 */
export function vllmDialect(options: DialectOptions): Dialect {
  return {
    health: { method: 'GET', path: '/health', body: null },
    inexact: ({ temperature }) =>
      options.logProbsMode === 'raw' && temperature !== 1 && temperature !== 0
        ? `vLLM tells log-probabilities from before the temperature (raw_logprobs), so at temperature ${temperature} they are not those of the distribution sampled from; start it with --logprobs-mode processed_logprobs and give logProbsMode: 'processed'`
        : undefined,
    encode: tokenizeText,
    encodeMessages: tokenizeByMessages,
    respond: (ask) =>
      ask.prompt.kind === 'messages'
        ? vllmChatQuery(ask, options)
        : {
            call: {
              method: 'POST',
              path: '/v1/completions',
              body: completionBody(ask, ask.prompt.tokens, options),
              ...(options.stream && { answer: 'events' as const }),
            },
            read: (answer) => readCompletion(answer, ask, options),
          },
  };
}

/** What shapes the distribution, each setting at its neutral value where nothing is asked for. */
export function vllmSampling(sampling: Sampling): Readonly<Record<string, JsonValue | undefined>> {
  const { temperature, topK, topP, minP, stop, includeStop } = sampling;
  return {
    temperature,
    top_p: topP ?? 1,
    top_k: topK ?? -1,
    min_p: minP ?? 0,
    repetition_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    stop: stop === undefined || stop.length === 0 ? undefined : [...stop],
    include_stop_str_in_output: includeStop === true ? true : undefined,
  };
}

/** What is said beside the prompt and the sampling. */
export function vllmFrame(
  { seed, key, want }: Ask,
  options: DialectOptions,
): Readonly<Record<string, JsonValue | undefined>> {
  return {
    n: 1,
    seed,
    // What `spark-rl serve` samples by, where a seed of 31 bits would name another stream.
    spark: options.sendKey ? { key: [...key] } : undefined,
    // Alternatives are told by their texts otherwise. The texts of the drawn tokens are worth more: they show a change of the tokenizer.
    return_tokens_as_token_ids: (want.topLogProbs ?? 0) > 0 ? true : undefined,
    return_token_ids: true,
    skip_special_tokens: options.skipSpecialTokens,
    ...(options.stream && { stream: true, stream_options: { include_usage: true } }),
  };
}

function completionBody(ask: Ask, tokens: Int32Array, options: DialectOptions): JsonValue {
  const { model, sampling, want } = ask;
  return requestBody(
    {
      model,
      prompt: [...tokens],
      max_tokens: sampling.maxTokens,
      ...vllmSampling(sampling),
      logprobs: want.topLogProbs ?? 0,
      ...vllmFrame(ask, options),
    },
    options,
  );
}

type Choice = Completion['choices'][number];

/** The events of a stream as the one answer that they make up. */
function together(parts: readonly Completion[]): Completion {
  const choices = parts.flatMap((part) => part.choices);
  const [first] = choices;
  const last = choices.at(-1);
  if (first === undefined || typeof last?.finish_reason !== 'string')
    throw new InvalidInputError('the stream was cut off before its end', { field: 'choices' });
  const all = <Item>(of: (choice: Choice) => readonly Item[] | null | undefined): Item[] =>
    choices.flatMap((choice) => of(choice) ?? []);
  return {
    choices: [
      {
        text: choices.map(({ text }) => text).join(''),
        finish_reason: last.finish_reason,
        token_ids: all(({ token_ids }) => token_ids),
        prompt_token_ids: first.prompt_token_ids,
        logprobs: {
          tokens: all(({ logprobs }) => logprobs?.tokens),
          token_logprobs: all(({ logprobs }) => logprobs?.token_logprobs),
          top_logprobs: all(({ logprobs }) => logprobs?.top_logprobs),
        },
      },
    ],
    usage: parts.at(-1)?.usage,
  };
}

function readCompletion(answer: JsonValue, { want }: Ask, { stream }: DialectOptions): Sampled {
  const what = 'answer of /v1/completions';
  const { choices, usage } = stream
    ? together(readStream(completionSchema, answer, what))
    : parseInput(completionSchema, answer, what);
  const [choice] = choices;
  if (choice === undefined)
    throw new InvalidInputError(`${what}: there is no choice`, { field: 'choices' });
  const { logprobs, token_ids, prompt_token_ids } = choice;
  const names = logprobs?.tokens ?? [];
  const named = names.map(tokenIdOf);
  const top = want.topLogProbs ?? 0;
  return {
    text: choice.text,
    finish: finishOf(choice.finish_reason),
    ...usageOf(usage),
    ...(token_ids !== null &&
      token_ids !== undefined && {
        tokens: {
          prompt: prompt_token_ids ?? undefined,
          response: token_ids,
          logProbs: (logprobs?.token_logprobs ?? []).map((logProb) => logProb ?? Number.NaN),
          named,
          texts: names.map((name, i) => (named[i] === undefined ? name : undefined)),
          ...(top > 0 && {
            top: (logprobs?.top_logprobs ?? []).map((alternatives) =>
              likeliestOf(
                Object.entries(alternatives ?? {}).map(([name, logProb]) => ({ name, logProb })),
                top,
              ),
            ),
          }),
        },
      }),
  };
}

/** The `count` likeliest of the alternatives at a position; the drawn token is told beside them even when it is none of those. */
export function likeliestOf(
  alternatives: readonly { readonly name: string; readonly logProb: number }[],
  count: number,
): { readonly token: number; readonly logProb: number }[] {
  return alternatives
    .flatMap(({ name, logProb }) => {
      const token = tokenIdOf(name);
      return token === undefined ? [] : [{ token, logProb }];
    })
    .sort((a, b) => b.logProb - a.logProb || a.token - b.token)
    .slice(0, count);
}
