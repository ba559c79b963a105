import { parseInput, type JsonValue, type Sampling } from '@spark-rl/core';
import { z } from 'zod';

import type { Ask, Dialect, DialectOptions, Sampled } from './dialect.js';
import { finishOf } from './finish.js';
import { requestBody } from './request-body.js';
import { tokenIdOf } from './token-name.js';
import { usageSchema, usageOf } from './usage.js';

const ids = z.array(z.int().min(0));

const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        text: z.string(),
        finish_reason: z.string().nullish(),
        stop_reason: z.union([z.string(), z.number()]).nullish(),
        token_ids: ids.nullish(),
        prompt_token_ids: ids.nullish(),
        logprobs: z
          .object({
            tokens: z.array(z.string()).default([]),
            token_logprobs: z.array(z.number().nullable()).default([]),
            top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
  usage: usageSchema.nullish(),
});

type Completion = z.output<typeof completionSchema>;

const tokenizedSchema = z.object({ tokens: ids });

const readTokens = (answer: JsonValue): Int32Array =>
  Int32Array.from(parseInput(tokenizedSchema, answer, 'answer of /tokenize').tokens);

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
        ? `the server tells log-probabilities before the temperature (raw_logprobs), so temperature ${temperature} cannot be told exactly; start vLLM with --logprobs-mode processed_logprobs and give logProbsMode: 'processed'`
        : undefined,
    encode: (text, model) => ({
      call: {
        method: 'POST',
        path: '/tokenize',
        body: { model, prompt: text, add_special_tokens: false },
      },
      read: readTokens,
    }),
    encodeMessages: (messages, model, wire, context) =>
      wire(
        {
          call: {
            method: 'POST',
            path: '/tokenize',
            body: {
              model,
              messages: messages.map(({ role, content }) => ({ role, content })),
              add_generation_prompt: true,
            },
          },
          read: readTokens,
        },
        context,
      ),
    respond: (ask) => ({
      call: {
        method: 'POST',
        path: '/v1/completions',
        body: completionBody(ask, options),
      },
      read: (answer) => readCompletion(answer, ask),
    }),
  };
}

/** What shapes the distribution, each setting at its neutral value where nothing is asked for. */
export function vllmSampling(sampling: Sampling): Readonly<Record<string, JsonValue | undefined>> {
  const { temperature, maxTokens, topK, topP, minP, stop, includeStop } = sampling;
  return {
    max_tokens: maxTokens,
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

function completionBody({ prompt, model, sampling, seed, want }: Ask, options: DialectOptions) {
  const top = want.topLogProbs ?? 0;
  return requestBody(
    {
      model,
      prompt: prompt.kind === 'tokens' ? [...prompt.tokens] : undefined,
      ...vllmSampling(sampling),
      n: 1,
      seed,
      logprobs: top,
      // Alternatives are told by their texts otherwise. The texts of the drawn tokens are worth more: they show a change of the tokenizer.
      return_tokens_as_token_ids: top > 0 ? true : undefined,
      return_token_ids: true,
      skip_special_tokens: options.skipSpecialTokens,
    },
    options,
  );
}

function readCompletion(answer: JsonValue, { want }: Ask): Sampled {
  const { choices, usage }: Completion = parseInput(
    completionSchema,
    answer,
    'answer of /v1/completions',
  );
  const [choice] = choices;
  const { logprobs, token_ids, prompt_token_ids } = choice!;
  const names = logprobs?.tokens ?? [];
  const named = names.map(tokenIdOf);
  // Servers older than `return_token_ids` name the ids among the log-probabilities.
  const response =
    token_ids ??
    (named.length > 0 && named.every((id) => id !== undefined) ? (named as number[]) : undefined);
  const top = want.topLogProbs ?? 0;
  return {
    text: choice!.text,
    finish: finishOf(choice!.finish_reason),
    ...usageOf(usage),
    ...(response !== undefined && {
      tokens: {
        prompt: prompt_token_ids ?? undefined,
        response,
        logProbs: (logprobs?.token_logprobs ?? []).map((logProb) => logProb ?? Number.NaN),
        named,
        texts: names.map((name, i) => (named[i] === undefined ? name : undefined)),
        ...(top > 0 && {
          top: (logprobs?.top_logprobs ?? []).map((alternatives) => likeliest(alternatives, top)),
        }),
      },
    }),
  };
}

/** The `count` likeliest of the alternatives at a position; the drawn token is told beside them even when it is none of those. */
function likeliest(alternatives: Readonly<Record<string, number>> | null, count: number) {
  return Object.entries(alternatives ?? {})
    .map(([name, logProb]) => ({ token: tokenIdOf(name) ?? -1, logProb }))
    .filter(({ token }) => token >= 0)
    .sort((a, b) => b.logProb - a.logProb || a.token - b.token)
    .slice(0, count);
}
