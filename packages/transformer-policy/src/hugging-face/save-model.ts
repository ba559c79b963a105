import { parseInput } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';
import { z } from 'zod';

import { transformerConfig, type TransformerConfig, type TransformerOptions } from '../config.js';
import { checkParameters } from '../model-files.js';
import { encodeSafetensorsHeader, sizeOf } from '../safetensors-header.js';
import {
  bytesOf,
  encodeTensor,
  storageSchema,
  storedType,
  type WeightStorage,
} from '../storage-types.js';
import type { Tokenizer } from '../tokenizer.js';
import { writeFolderAtomically, type FileWriter } from './atomic-folder.js';
import { parseConfigJson, writeConfigJson } from './config-json.js';
import { FILES } from './files.js';
import type { HuggingFaceModel } from './load-model.js';
import { takeTensor, tensorPlaces, type TensorPlace } from './tensor-names.js';
import { tokenizerCompanions } from './tokenizer-companions.js';

/** How a model is saved. */
export interface SaveHuggingFaceOptions {
  /** How weights are kept. Default `f32`, exactly; the others round to the nearest. */
  readonly storage?: WeightStorage;
  /** Weights beyond this many bytes go to a further file. Default 5e9. */
  readonly shardBytes?: number;
  /** Whether a folder that has files already may be replaced. Default false. */
  readonly replace?: boolean;
}

const optionsSchema = z.looseObject({
  storage: storageSchema,
  shardBytes: z.number().positive().default(5e9),
  replace: z.boolean().default(false),
});

const DTYPE_NAMES: Readonly<Record<WeightStorage, string>> = {
  f32: 'float32',
  f16: 'float16',
  bf16: 'bfloat16',
};

const jsonBytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

const floatType = (storage: WeightStorage) => storedType({ dtype: 'float32' }, storage);

/** Tensors in order, split where a file would grow beyond the limit; a tensor alone may. */
function planShards(
  places: readonly TensorPlace[],
  storage: WeightStorage,
  limit: number,
): readonly (readonly TensorPlace[])[] {
  const shards: TensorPlace[][] = [[]];
  let filled = 0;
  for (const place of places) {
    const bytes = sizeOf(place.shape) * bytesOf(floatType(storage));
    if (filled > 0 && filled + bytes > limit) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)!.push(place);
    filled += bytes;
  }
  return shards;
}

/** The parts of a safetensors file, each made when it is asked for: one tensor at a time is in memory twice. */
function* shardParts(
  places: readonly TensorPlace[],
  parameters: Named<HostTensor>,
  storage: WeightStorage,
): Generator<Uint8Array> {
  const type = floatType(storage);
  const entries = places.map(({ name, shape }) => ({ name, type, shape }));
  yield encodeSafetensorsHeader(entries, { format: 'pt' });
  for (const place of places) {
    const data = takeTensor(place, parameters[place.parameter]!.data as Float32Array);
    yield encodeTensor({ dtype: 'float32', shape: place.shape, data }, storage);
  }
}

async function writeWeights(
  writer: FileWriter,
  config: TransformerConfig,
  parameters: Named<HostTensor>,
  { storage, shardBytes }: { storage: WeightStorage; shardBytes: number },
): Promise<void> {
  const places = tensorPlaces(config);
  const shards = planShards(places, storage, shardBytes);
  const number = (count: number): string => String(count).padStart(5, '0');
  const fileOf = (index: number): string =>
    shards.length === 1
      ? FILES.weights
      : `model-${number(index + 1)}-of-${number(shards.length)}.safetensors`;
  for (const [index, shard] of shards.entries())
    await writer.write(fileOf(index), shardParts(shard, parameters, storage));
  if (shards.length === 1) return;
  const total = places.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const weightMap = shards.flatMap((shard, index) =>
    shard.map(({ name }) => [name, fileOf(index)] as const),
  );
  await writer.write(FILES.index, [
    jsonBytes({
      metadata: { total_size: total * bytesOf(floatType(storage)) },
      weight_map: Object.fromEntries(weightMap),
    }),
  ]);
}

/** Whether a `config.json` describes this architecture; another one may not even be valid for it. */
function describes(json: unknown, config: TransformerConfig): boolean {
  try {
    return JSON.stringify(parseConfigJson(json, config.contextLength)) === JSON.stringify(config);
  } catch {
    return false;
  }
}

/** The `config.json` that the model came with, where it still describes it; `dtype` says how the weights are kept. */
function configJson(
  config: TransformerConfig,
  origin: HuggingFaceModel['origin'] | undefined,
  storage: WeightStorage,
): Record<string, unknown> {
  const dtype = DTYPE_NAMES[storage];
  if (origin === undefined || !describes(origin.configJson, config))
    return { ...writeConfigJson(config), torch_dtype: dtype };
  const key = 'dtype' in origin.configJson ? 'dtype' : 'torch_dtype';
  return { ...origin.configJson, [key]: dtype };
}

/**
 * Saves a model as a folder that the `transformers` library, and whatever else reads its format, can load: Qwen2, Qwen3 or Llama, whichever
 * the architecture is. A model from such a folder keeps its `config.json` and its tokenizer's files; one trained from scratch
 * becomes a Llama, with a chat template that renders messages as {@link renderMessages} does. The folder appears whole or not at all.
 *
 * @throws CheckpointError when the weights are not those of the architecture, or the folder cannot be written
 */
export async function saveHuggingFaceModel(
  folder: string,
  model: {
    readonly config: TransformerOptions;
    readonly parameters: Named<HostTensor>;
    readonly tokenizer: Tokenizer;
    readonly origin?: HuggingFaceModel['origin'];
  },
  options: SaveHuggingFaceOptions = {},
): Promise<void> {
  const settings = parseInput(optionsSchema, options, 'options of saveHuggingFaceModel');
  const { parameters, tokenizer, origin } = model;
  const config = transformerConfig(model.config);
  checkParameters(config, parameters);
  const json = configJson(config, origin, settings.storage);
  const companions = origin?.companions ?? tokenizerCompanions(tokenizer);
  await writeFolderAtomically(
    folder,
    async (writer) => {
      await writer.write(FILES.config, [jsonBytes(json)]);
      for (const [name, bytes] of companions) await writer.write(name, [bytes]);
      await writeWeights(writer, config, parameters, settings);
    },
    settings,
  );
}
