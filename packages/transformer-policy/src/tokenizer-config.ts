import { isJsonValue, type JsonValue } from '@spark-rl/core';
import { z } from 'zod';

/** What is relied on of a `tokenizer_config.json`; the rest is kept as it is. */
export const tokenizerConfigSchema = z.looseObject({
  eos_token: z.string().min(1),
  bos_token: z.string().min(1).optional(),
  pad_token: z.string().min(1).optional(),
  unk_token: z.string().min(1).optional(),
  add_bos_token: z.boolean().optional(),
  chat_template: z.string().optional(),
  chat_template_variables: z.record(z.string(), z.custom<JsonValue>(isJsonValue)).optional(),
  eos_token_ids: z.array(z.int().nonnegative()).optional(),
});

/** What stands in `tokenizer_config.json` beside a `tokenizer.json`. */
export interface TokenizerConfig {
  /** The text of the token that ends a response. */
  readonly eos_token: string;
  /** The text of the token that a text begins with. */
  readonly bos_token?: string | undefined;
  readonly pad_token?: string | undefined;
  readonly unk_token?: string | undefined;
  /** Whether a text begins with `bos_token` even where `tokenizer.json` does not say so. */
  readonly add_bos_token?: boolean | undefined;
  /** How messages become text, in the Jinja language; a plain form without it. */
  readonly chat_template?: string | undefined;
  /** What the template reads beside the messages and the special tokens, such as `enable_thinking`. */
  readonly chat_template_variables?: Readonly<Record<string, JsonValue>> | undefined;
  /** Further ids that end a response, as `generation_config.json` lists them. */
  readonly eos_token_ids?: readonly number[] | undefined;
}
