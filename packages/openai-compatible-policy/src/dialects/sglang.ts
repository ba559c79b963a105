import { parseInput, type JsonValue } from '@spark-rl/core';
import { z } from 'zod';

import type { Ask, Dialect, DialectOptions, Sampled } from './dialect.js';
import { finishOf } from './finish.js';
import { requestBody } from './request-body.js';
import { tokenizeByMessages, tokenizeText } from './tokenize-route.js';

const count = z.int().min(0).nullish();

/** Log-probability, id, and the text where it was asked for. */
const tokenLogProb = z.tuple([z.number().nullable(), z.int().min(0), z.string().nullish()]);

const generateSchema = z.object({
  text: z.string(),
  output_ids: z.array(z.int().min(0)).nullish(),
  meta_info: z.object({
    finish_reason: z
      .object({
        type: z.string(),
        matched: z.union([z.string(), z.number(), z.array(z.number())]).nullish(),
        message: z.string().nullish(),
      })
      .nullish(),
    prompt_tokens: count,
    completion_tokens: count,
    cached_tokens: count,
    output_token_logprobs: z.array(tokenLogProb).nullish(),
    output_top_logprobs: z.array(z.array(tokenLogProb).nullable()).nullish(),
  }),
});

/**
 * SGLang's native API (`/generate`; python/sglang/srt/managers/io_struct.py): `input_ids` go in, `output_token_logprobs` come back with the ids.
 * A LoRA adapter is named by `lora_path`, which `model` is sent as when it is not the served model's own name: give it in `extra`.
 *
 * Log-probabilities are of softmax(logits / temperature), before top-k, top-p and min-p: those of the distribution sampled from as long as
 * none of these is used. The environment variable SGLANG_RETURN_ORIGINAL_LOGPROB must not be set on the server: it leaves the temperature
 * out. The seed counts only with `--enable-deterministic-inference`.
 */
export function sglangDialect(options: DialectOptions): Dialect {
  return {
    health: { method: 'GET', path: '/health', body: null },
    inexact: () => undefined,
    encode: tokenizeText,
    encodeMessages: tokenizeByMessages,
    respond: (ask) => ({
      call: { method: 'POST', path: '/generate', body: generateBody(ask, options) },
      read: (answer) => readGenerate(answer, ask),
    }),
  };
}

function generateBody({ prompt, sampling, seed, want }: Ask, options: DialectOptions): JsonValue {
  const { temperature, maxTokens, topK, topP, minP, stop } = sampling;
  return requestBody(
    {
      input_ids: prompt.kind === 'tokens' ? [...prompt.tokens] : undefined,
      sampling_params: {
        temperature,
        max_new_tokens: maxTokens,
        top_p: topP ?? 1,
        top_k: topK ?? -1,
        min_p: minP ?? 0,
        repetition_penalty: 1,
        presence_penalty: 0,
        frequency_penalty: 0,
        sampling_seed: seed,
        skip_special_tokens: options.skipSpecialTokens,
        ...(stop !== undefined && stop.length > 0 && { stop: [...stop] }),
      },
      return_logprob: true,
      // The prompt's own log-probabilities are not wanted: to compute them, the server would not use its cache.
      logprob_start_len: -1,
      top_logprobs_num: want.topLogProbs ?? 0,
      return_text_in_logprobs: true,
      stream: false,
    },
    options,
  );
}

function readGenerate(answer: JsonValue, { sampling, want }: Ask): Sampled {
  const { text, output_ids, meta_info } = parseInput(generateSchema, answer, 'answer of /generate');
  const { finish_reason, prompt_tokens, completion_tokens, cached_tokens } = meta_info;
  const drawn = meta_info.output_token_logprobs;
  const matched = finish_reason?.matched;
  // The text ends before what was matched; the server itself would keep what its last token holds beyond it, too.
  const kept = sampling.includeStop === true && typeof matched === 'string' ? matched : '';
  return {
    text: text + kept,
    finish: finishOf(finish_reason?.type),
    usage: { prompt: prompt_tokens ?? undefined, response: completion_tokens ?? undefined },
    cachedPromptTokens: cached_tokens ?? 0,
    ...(drawn !== null &&
      drawn !== undefined && {
        tokens: {
          response: drawn.map(([, id]) => id),
          logProbs: drawn.map(([logProb]) => logProb ?? Number.NaN),
          // Some versions leave the token that ended the response out of `output_ids`.
          named: drawn.map((_, i) => output_ids?.[i]),
          texts: drawn.map(([, , piece]) => piece ?? undefined),
          ...((want.topLogProbs ?? 0) > 0 && {
            top: (meta_info.output_top_logprobs ?? []).map((alternatives) =>
              (alternatives ?? []).map(([logProb, token]) => ({
                token,
                logProb: logProb ?? -Infinity,
              })),
            ),
          }),
        },
      }),
  };
}
