import { CheckpointError, parseInput, showValue, SparkError } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';

import {
  parameterShapes,
  transformerConfig,
  type TransformerConfig,
  type TransformerOptions,
} from './config.js';
import { decodeTensorFiles, encodeTensorFiles } from './tensor-files.js';
import { tokenizerConfigSchema } from './tokenizer-config.js';
import { loadTokenizer, type Tokenizer } from './tokenizer.js';

/** A model, whole: what is needed to sample from it and to train it further. */
export interface Model {
  readonly config: TransformerConfig;
  readonly parameters: Named<HostTensor>;
  readonly tokenizer: Tokenizer;
}

/** The content of a folder: bytes by file name. */
export type FolderContent = ReadonlyMap<string, Uint8Array>;

/** The files of a model folder. */
export const MODEL_FILES = {
  config: 'config.json',
  weights: 'model.safetensors',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
} as const;

const jsonBytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

/** A model as the content of a folder, its weights in several files where they are many. The same model gives the same bytes. */
export function saveModel(model: {
  readonly config: TransformerOptions;
  readonly parameters: Named<HostTensor>;
  readonly tokenizer: Tokenizer;
}): FolderContent {
  const config = transformerConfig(model.config);
  checkParameters(config, model.parameters);
  return new Map([
    [MODEL_FILES.config, jsonBytes(config)],
    ...encodeTensorFiles('model', model.parameters),
    [MODEL_FILES.tokenizer, jsonBytes(model.tokenizer.json)],
    [MODEL_FILES.tokenizerConfig, jsonBytes(model.tokenizer.config)],
  ]);
}

/**
 * Checks that weights are those of an architecture.
 *
 * @throws CheckpointError naming the first tensor that differs
 */
export const checkParameters = (
  config: TransformerOptions,
  parameters: Named<HostTensor>,
): void => {
  checkShapes(parameterShapes(transformerConfig(config)), parameters, 'the weights');
};

/**
 * Checks that tensors are float32 and have these names and shapes.
 *
 * @param what - what they are, for the message
 * @throws CheckpointError naming the first tensor that differs
 */
export function checkShapes(
  wanted: Named<readonly number[]>,
  tensors: Named<HostTensor>,
  what: string,
): void {
  const show = (shape: readonly number[] | undefined): string =>
    shape === undefined ? 'none' : `[${shape.join(', ')}]`;
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(tensors)])) {
    const found = tensors[name];
    const shape = wanted[name];
    if (found?.dtype === 'float32' && shape !== undefined && show(found.shape) === show(shape))
      continue;
    throw new CheckpointError(
      `${what} belong to another model: tensor ${name} is ${found?.dtype === 'int32' ? 'int32 ' : ''}${show(found?.shape)}, the config asks for ${show(shape)}`,
      {
        field: name,
        value: found?.shape,
        remedy: 'Load them with the config.json they were saved with, or train from new weights',
      },
    );
  }
}

function fileBytes(files: FolderContent, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes !== undefined) return bytes;
  throw new CheckpointError(`the model folder has no ${name}`, {
    field: name,
    remedy: `Give a folder with ${Object.values(MODEL_FILES).join(', ')}`,
  });
}

/** Parses a JSON file and makes something of it; whatever is wrong with it names the file. */
function readJson<Value>(
  files: FolderContent,
  name: string,
  make: (json: unknown) => Value,
): Value {
  const bytes = fileBytes(files, name);
  try {
    return make(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const field = cause instanceof SparkError && cause.field !== undefined ? cause.field : name;
    throw new CheckpointError(`${name} of the model folder cannot be used: ${reason}`, {
      field,
      cause,
    });
  }
}

/**
 * Reads a model from the content of a folder.
 *
 * @param expected - the architecture that the model must have, when there is one
 * @throws CheckpointError when a file is missing or damaged, or the model is another one
 */
export function loadModel(files: FolderContent, expected?: TransformerOptions): Model {
  const config = readJson(files, MODEL_FILES.config, (json) =>
    transformerConfig(json as TransformerOptions),
  );
  if (expected !== undefined) {
    const wanted = transformerConfig(expected);
    for (const field of Object.keys(wanted) as (keyof TransformerConfig)[]) {
      if (JSON.stringify(wanted[field]) === JSON.stringify(config[field])) continue;
      throw new CheckpointError(
        `the checkpoint is of another model: its ${field} is ${showValue(config[field])}, ${showValue(wanted[field])} is asked for`,
        {
          field,
          value: config[field],
          remedy: `Ask for ${field} ${showValue(config[field])}, or train from new weights`,
        },
      );
    }
  }
  const tensors = decodeTensorFiles(files, 'model');
  checkParameters(config, tensors);
  const tokenizerConfig = readJson(files, MODEL_FILES.tokenizerConfig, (json) =>
    parseInput(tokenizerConfigSchema, json, MODEL_FILES.tokenizerConfig),
  );
  const tokenizer = readJson(files, MODEL_FILES.tokenizer, (json) =>
    loadTokenizer(json, { config: tokenizerConfig }),
  );
  return { config, parameters: tensors, tokenizer };
}
