import { join } from 'node:path';

import { CheckpointError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { ChatTemplateVariables } from '../chat-template.js';
import type { TokenizerConfig } from '../tokenizer-config.js';
import { loadTokenizer, type Tokenizer } from '../tokenizer.js';
import { FILES, folderError, parseFile } from './files.js';

/** A token is named by its text, or by an object that says more of it. */
const tokenSchema = z
  .union([z.string(), z.looseObject({ content: z.string() })])
  .nullish()
  .transform((token) => (typeof token === 'string' ? token : token?.content));

const namedTemplates = z.array(z.looseObject({ name: z.string(), template: z.string() }));

const tokenizerConfigJson = z.looseObject({
  eos_token: tokenSchema,
  bos_token: tokenSchema,
  pad_token: tokenSchema,
  unk_token: tokenSchema,
  add_bos_token: z.boolean().nullish(),
  chat_template: z.union([z.string(), namedTemplates]).nullish(),
});

const tokenIds = z
  .union([z.int().nonnegative(), z.array(z.int().nonnegative())])
  .nullish()
  .transform((ids) => (typeof ids === 'number' ? [ids] : (ids ?? [])));

const endTokensSchema = z.looseObject({ eos_token_id: tokenIds });

function pickTemplate(
  template: z.output<typeof tokenizerConfigJson>['chat_template'],
): string | undefined {
  if (!Array.isArray(template)) return template ?? undefined;
  return (template.find(({ name }) => name === 'default') ?? template[0])?.template;
}

/** The text of a token, from `tokenizer.json` alone. */
function textOf(json: unknown, id: number | undefined): string | undefined {
  const added = z
    .looseObject({
      added_tokens: z.array(z.looseObject({ id: z.number(), content: z.string() })),
    })
    .safeParse(json);
  return added.success
    ? added.data.added_tokens.find((token) => token.id === id)?.content
    : undefined;
}

/**
 * Makes the tokenizer of a folder from `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja` and `generation_config.json`, of
 * which only the first must be there. A response ends at the tokenizer's own end-of-sequence token and at all that
 * `generation_config.json` lists, or `config.json` where that file is absent.
 *
 * @param files - the content of those files, by name
 * @throws CheckpointError naming the file and the field
 */
export function readTokenizer(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  vocabularySize: number,
  variables?: ChatTemplateVariables,
): Tokenizer {
  const read = <Schema extends z.ZodType>(
    name: string,
    schema: Schema,
  ): z.output<Schema> | undefined => {
    const bytes = files.get(name);
    return bytes && parseFile(join(folder, name), bytes, (json) => parseInput(schema, json, name));
  };
  const jsonBytes = files.get(FILES.tokenizer);
  const jsonPath = join(folder, FILES.tokenizer);
  if (jsonBytes === undefined) {
    throw folderError(
      folder,
      `has no ${FILES.tokenizer}`,
      { field: FILES.tokenizer },
      'Give a folder with it; older tokenizers can be converted with the tokenizers library',
    );
  }
  const config = read(FILES.tokenizerConfig, tokenizerConfigJson) ?? tokenizerConfigJson.parse({});
  const generation =
    read(FILES.generationConfig, endTokensSchema) ?? read(FILES.config, endTokensSchema);
  const endIds = generation?.eos_token_id ?? [];
  const template = files.get(FILES.chatTemplate);
  return parseFile(jsonPath, jsonBytes, (json) => {
    const eosToken = config.eos_token ?? textOf(json, endIds[0]);
    if (eosToken === undefined) {
      throw folderError(
        join(folder, FILES.tokenizerConfig),
        'does not say which token ends a response',
        { field: 'eos_token' },
        'Set eos_token there, or eos_token_id in generation_config.json',
      );
    }
    const chatTemplate =
      template === undefined
        ? pickTemplate(config.chat_template)
        : new TextDecoder().decode(template);
    const settings: TokenizerConfig = {
      eos_token: eosToken,
      ...(config.bos_token === undefined ? {} : { bos_token: config.bos_token }),
      ...(config.pad_token === undefined ? {} : { pad_token: config.pad_token }),
      ...(config.unk_token === undefined ? {} : { unk_token: config.unk_token }),
      ...(config.add_bos_token ? { add_bos_token: true } : {}),
      ...(chatTemplate === undefined ? {} : { chat_template: chatTemplate }),
      ...(variables === undefined ? {} : { chat_template_variables: variables }),
      ...(endIds.length === 0 ? {} : { eos_token_ids: endIds }),
    };
    const tokenizer = loadTokenizer(json, { config: settings });
    checkFit(jsonPath, tokenizer, vocabularySize);
    return tokenizer;
  });
}

/** Every token must have a row in the embedding; published embeddings often have more rows than there are tokens. */
function checkFit(path: string, tokenizer: Tokenizer, vocabularySize: number): void {
  const largest = Math.max(tokenizer.vocabularySize - 1, ...tokenizer.endTokens);
  if (largest < vocabularySize) return;
  throw new CheckpointError(
    `${path} has the token id ${largest}, config.json says vocab_size ${vocabularySize}: the tokenizer does not belong to the weights`,
    {
      field: 'vocab_size',
      value: vocabularySize,
      remedy: 'Use the tokenizer files that were published with the checkpoint',
    },
  );
}
