import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import { ApiError } from './api-error.js';

const MOST_CHOICES = 128;

/** What can be asked of SPARK beside what the protocol knows; explained in docs/serve.md. */
export const sparkSchema = z.strictObject({
  /** Names the random stream exactly, as in process; otherwise it follows from `seed`, or is new. */
  key: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional(),
  affinity: z.string().min(1).optional(),
  entropies: z.boolean().default(false),
  leaves: z.int().min(1).max(MOST_CHOICES).optional(),
  roots: z.int().min(1).max(MOST_CHOICES).optional(),
  width: z.int().min(1).max(MOST_CHOICES).optional(),
  choose: z.enum(['majority', 'likeliest', 'first']).optional(),
});

export type SparkFields = z.output<typeof sparkSchema>;

/** The fields that both kinds of completion have and that change what is answered. */
export const sharedFields = {
  model: z.string().optional(),
  max_tokens: z.int().min(1).optional(),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().gt(0).max(1).optional(),
  top_k: z.int().min(-1).optional(),
  min_p: z.number().min(0).max(1).optional(),
  n: z.int().min(1).max(MOST_CHOICES).default(1),
  seed: z.int().optional(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(16)]).optional(),
  include_stop_str_in_output: z.boolean().default(false),
  stream: z.boolean().default(false),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).optional(),
  return_token_ids: z.boolean().default(false),
  return_tokens_as_token_ids: z.boolean().default(false),
  spark: sparkSchema.optional(),
};

/** Fields that change nothing here, whatever they hold: names, accounting, and how texts are written that have no special form here. */
const IGNORED: ReadonlySet<string> = new Set([
  'user',
  'metadata',
  'store',
  'service_tier',
  'parallel_tool_calls',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'request_id',
  'priority',
  'cache_salt',
  'skip_special_tokens',
  'spaces_between_special_tokens',
]);

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Fields whose meaning is not built, with the values that mean nothing: those are let through, so that clients that always send them work. */
const NEUTRAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  best_of: (value) => value === 1,
  echo: (value) => value === false,
  suffix: (value) => value === '',
  logit_bias: isEmpty,
  presence_penalty: (value) => value === 0,
  frequency_penalty: (value) => value === 0,
  repetition_penalty: (value) => value === 1,
  length_penalty: (value) => value === 1,
  min_tokens: (value) => value === 0,
  ignore_eos: (value) => value === false,
  use_beam_search: (value) => value === false,
  stop_token_ids: isEmpty,
  tools: isEmpty,
  functions: isEmpty,
  tool_choice: (value) => value === 'none' || value === 'auto',
  function_call: (value) => value === 'none' || value === 'auto',
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === 'text',
  response_format: (value) => (value as { readonly type?: unknown }).type === 'text',
  chat_template_kwargs: isEmpty,
  add_generation_prompt: (value) => value === true,
  continue_final_message: (value) => value === false,
};

/**
 * Reads the body of a request. A field that is null counts as absent. One that nobody knows is refused by name, as OpenAI does, and so is
 * one that is known and not built, unless its value means nothing.
 *
 * @throws ApiError 400 that names the field
 */
export function readRequest<Schema extends z.ZodObject>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ApiError(400, 'the body must be a JSON object');
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === null) continue;
    if (name in schema.shape) {
      fields[name] = value;
      continue;
    }
    if (IGNORED.has(name)) continue;
    const isNeutral = Object.hasOwn(NEUTRAL, name) ? NEUTRAL[name] : undefined;
    if (isNeutral === undefined) {
      throw new ApiError(400, `Unrecognized request argument supplied: ${name}`, {
        param: name,
        code: 'unknown_parameter',
      });
    }
    if (!isNeutral(value)) {
      throw new ApiError(400, `${name} is not supported with this value; leave it out`, {
        param: name,
        code: 'unsupported_parameter',
      });
    }
  }
  return parseInput(schema, fields, 'request', 'Correct that field and send it again.');
}
