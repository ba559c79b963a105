import { join } from 'node:path';

import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { ChatTemplateVariables } from '../chat-template.js';
import type { Model } from '../model-files.js';
import { parseConfigJson } from './config-json.js';
import { FILES, folderError, listFolder, parseFile, readIfThere } from './files.js';
import { loadWeights } from './load-weights.js';
import { readTokenizer } from './tokenizer-files.js';

/** Files that say nothing of the weights and go along when the model is saved. */
const COMPANIONS = [
  FILES.generationConfig,
  FILES.tokenizer,
  FILES.tokenizerConfig,
  FILES.chatTemplate,
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
] as const;

/** A Hugging Face folder without its weights. */
export interface HuggingFaceFolder extends Pick<Model, 'config' | 'tokenizer'> {
  /** What the folder says beside the weights; saving writes it again. */
  readonly origin: {
    /** `config.json`, parsed. */
    readonly configJson: Readonly<Record<string, unknown>>;
    /** The tokenizer's files and `generation_config.json`, to the byte. */
    readonly companions: ReadonlyMap<string, Uint8Array>;
  };
}

/** A model that came from a Hugging Face folder. */
export interface HuggingFaceModel extends HuggingFaceFolder {
  readonly parameters: Model['parameters'];
}

/** How a folder is loaded. */
export interface LoadHuggingFaceOptions {
  /** The most tokens of a row. Default what the model was made for. */
  readonly contextLength?: number;
  /** What the chat template reads beside the messages, such as `{ enable_thinking: false }` for Qwen3. */
  readonly chatTemplateVariables?: ChatTemplateVariables;
  /** Bytes of memory that the weights may take; more is an error before anything is read. Default what the system says is free. */
  readonly memory?: number;
}

const optionsSchema = z.looseObject({
  contextLength: z.int().min(2).optional(),
  memory: z.number().positive().optional(),
});

/**
 * Reads and checks the small files of a folder, not the weights: what its architecture is, its tokenizer, and what it says beside.
 *
 * @throws CheckpointError naming the file and the field: an unknown architecture, a missing or damaged file, a tokenizer of another model
 */
export async function readHuggingFaceFolder(
  folder: string,
  options: Omit<LoadHuggingFaceOptions, 'memory'> = {},
): Promise<HuggingFaceFolder> {
  const settings = parseInput(optionsSchema, options, 'options of readHuggingFaceFolder');
  const present = await listFolder(folder);
  const configPath = join(folder, FILES.config);
  const configBytes = await readIfThere(folder, FILES.config);
  if (configBytes === undefined) {
    throw folderError(
      folder,
      `has no ${FILES.config}`,
      { field: FILES.config },
      'Give the path of a folder with config.json, safetensors and tokenizer.json',
    );
  }
  const configJson = parseFile(configPath, configBytes, (json) => json);
  const config = parseFile(configPath, configBytes, (json) =>
    parseConfigJson(json, settings.contextLength),
  );
  const companions = new Map<string, Uint8Array>();
  for (const name of COMPANIONS) {
    if (!present.has(name)) continue;
    const bytes = await readIfThere(folder, name);
    if (bytes !== undefined) companions.set(name, bytes);
  }
  const tokenizer = readTokenizer(
    folder,
    new Map([...companions, [FILES.config, configBytes]]),
    config.vocabularySize,
    options.chatTemplateVariables,
  );
  return {
    config,
    tokenizer,
    origin: { configJson: configJson as Record<string, unknown>, companions },
  };
}

/**
 * Loads Qwen2, Qwen2.5, Qwen3 or Llama 3 from a folder as it is published on Hugging Face: `config.json`, `model.safetensors` or its
 * shards with their index, in float32, half precision or bfloat16, `tokenizer.json`, and what there is of `tokenizer_config.json`,
 * `chat_template.jinja` and `generation_config.json`. The small files are checked before the weights are read.
 *
 * @throws CheckpointError naming the file and the field: an unknown architecture, a missing or damaged file, a tokenizer of another
 *   model, too little memory
 */
export async function loadHuggingFaceModel(
  folder: string,
  options: LoadHuggingFaceOptions = {},
): Promise<HuggingFaceModel> {
  const settings = parseInput(optionsSchema, options, 'options of loadHuggingFaceModel');
  const model = await readHuggingFaceFolder(folder, options);
  return { ...model, parameters: await loadWeights(folder, model.config, settings.memory) };
}
