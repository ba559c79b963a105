import { InvalidInputError, parseInput, showValue } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';
import { z } from 'zod';

import { transformerConfig, type TransformerConfig, type TransformerOptions } from '../config.js';
import { folderError, parseFile } from '../hugging-face/files.js';
import { placeTensor, takeTensor, type TensorPlace } from '../hugging-face/tensor-names.js';
import { checkShapes, type FolderContent } from '../model-files.js';
import { decodeSafetensors, encodeSafetensors } from '../safetensors.js';
import { storageSchema, type WeightStorage } from '../storage-types.js';
import {
  adapterParameter,
  adapterShapes,
  loraConfig,
  LORA_TARGETS,
  pickAdapters,
  targetPlaces,
  type LoraConfig,
  type LoraOptions,
  type LoraTarget,
} from './lora-config.js';

/** The files of adapters, as the PEFT library names them. */
export const ADAPTER_FILES = {
  config: 'adapter_config.json',
  weights: 'adapter_model.safetensors',
} as const;

/** What the PEFT library calls the targets. */
const MODULES: Readonly<Record<LoraTarget, string>> = {
  q: 'q_proj',
  k: 'k_proj',
  v: 'v_proj',
  o: 'o_proj',
  gate: 'gate_proj',
  up: 'up_proj',
  down: 'down_proj',
};
const ATTENTION: readonly LoraTarget[] = ['q', 'k', 'v', 'o'];

/** Adapters, whole. */
export interface Adapter {
  readonly lora: LoraConfig;
  /** By the names of {@link adapterShapes}. */
  readonly adapters: Named<HostTensor>;
}

/** How adapters are written. */
export interface EncodeAdapterOptions {
  /** The name or the path of the model that they adapt, for whoever loads them. */
  readonly baseModel?: string;
  /** How they are kept. Default `f32`, exactly. */
  readonly storage?: WeightStorage;
}

const encodeOptionsSchema = z.looseObject({
  baseModel: z.string().optional(),
  storage: storageSchema,
});

/** Every tensor of the file: [r, in] and [out, r], the transposes of what is trained here. */
function adapterPlaces(config: TransformerConfig, lora: LoraConfig): readonly TensorPlace[] {
  return Array.from({ length: config.layers }, (_, layer) =>
    targetPlaces(config)
      .filter(({ target }) => lora.targets.includes(target))
      .flatMap(({ target, inputs, size }) => {
        const part = ATTENTION.includes(target) ? 'self_attn' : 'mlp';
        const module = `base_model.model.model.layers.${layer}.${part}.${MODULES[target]}`;
        const place = (matrix: 'A' | 'B', rows: number, columns: number): TensorPlace => ({
          name: `${module}.lora_${matrix}.weight`,
          shape: [columns, rows],
          parameter: adapterParameter(layer, target, matrix),
          column: 0,
          columns,
        });
        return [place('A', inputs, lora.rank), place('B', lora.rank, size)];
      }),
  ).flat();
}

/**
 * Adapters as the content of a folder of the PEFT library: `adapter_config.json` and `adapter_model.safetensors`. The same adapters give
 * the same bytes.
 *
 * @throws CheckpointError when an adapter is missing or has another shape
 */
export function encodeAdapter(
  adapter: {
    readonly config: TransformerOptions;
    readonly lora: LoraOptions;
    /** The adapters; parameters beside them, such as those of a training snapshot, are left out. */
    readonly adapters: Named<HostTensor>;
  },
  options: EncodeAdapterOptions = {},
): FolderContent {
  const settings = parseInput(encodeOptionsSchema, options, 'options of encodeAdapter');
  const config = transformerConfig(adapter.config);
  const lora = loraConfig(adapter.lora);
  checkShapes(
    adapterShapes(config, lora),
    pickAdapters(config, lora, adapter.adapters),
    'the adapters',
  );
  const tensors = adapterPlaces(config, lora).map((place): [string, HostTensor] => {
    const data = takeTensor(place, adapter.adapters[place.parameter]!.data as Float32Array);
    return [place.name, { dtype: 'float32', shape: place.shape, data }];
  });
  const json = {
    alpha_pattern: {},
    base_model_name_or_path: settings.baseModel ?? null,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_to_transform: null,
    lora_alpha: lora.alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: 'LORA',
    r: lora.rank,
    rank_pattern: {},
    target_modules: lora.targets.map((target) => MODULES[target]),
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: lora.rankStabilized,
  };
  const weights = encodeSafetensors(
    Object.fromEntries(tensors),
    { format: 'pt' },
    settings.storage,
  );
  return new Map([
    [ADAPTER_FILES.config, new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`)],
    [ADAPTER_FILES.weights, weights],
  ]);
}

const moduleNames = Object.values(MODULES);
const adapterSchema = z.looseObject({
  peft_type: z.literal('LORA'),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  use_rslora: z.boolean().nullish(),
  target_modules: z.array(z.enum(moduleNames as [string, ...string[]])).min(1),
});

/** Fields that change what adapters compute, and the only values for which that is built. */
const ONLY: Readonly<Record<string, (value: unknown) => boolean>> = {
  use_dora: (value) => !value,
  bias: (value) => value === undefined || value === 'none',
  fan_in_fan_out: (value) => !value,
  modules_to_save: (value) => !value || (value as readonly unknown[]).length === 0,
  layers_to_transform: (value) => value === undefined || value === null,
  rank_pattern: (value) => !value || Object.keys(value).length === 0,
  alpha_pattern: (value) => !value || Object.keys(value).length === 0,
};

function parseAdapterConfig(value: unknown): LoraConfig {
  const json = parseInput(
    adapterSchema,
    value,
    ADAPTER_FILES.config,
    'Load adapters that PEFT saved as LoRA',
  );
  for (const [field, isBuilt] of Object.entries(ONLY)) {
    if (isBuilt(json[field])) continue;
    throw new InvalidInputError(`${field} is ${showValue(json[field])}, which is not supported`, {
      field,
      value: json[field],
      remedy: 'Load adapters that were trained without it',
    });
  }
  return loraConfig({
    rank: json.r,
    alpha: json.lora_alpha,
    rankStabilized: json.use_rslora ?? false,
    targets: LORA_TARGETS.filter((target) => json.target_modules.includes(MODULES[target])),
  });
}

/**
 * Reads adapters from the content of a folder that {@link encodeAdapter} or the PEFT library made.
 *
 * @param options - the architecture of the model that they adapt
 * @param where - the folder, for errors
 * @throws CheckpointError naming the file and the field
 */
export function decodeAdapter(
  files: FolderContent,
  options: TransformerOptions,
  where = 'the folder of adapters',
): Adapter {
  const config = transformerConfig(options);
  const bytesOf = (name: string): Uint8Array => {
    const bytes = files.get(name);
    if (bytes !== undefined) return bytes;
    throw folderError(where, `has no ${name}`, { field: name }, 'Give a folder with adapters');
  };
  const { config: configFile, weights } = ADAPTER_FILES;
  const lora = parseFile(`${where}/${configFile}`, bytesOf(configFile), parseAdapterConfig);
  const path = `${where}/${weights}`;
  const { tensors } = decodeSafetensors(bytesOf(weights), path);
  const places = adapterPlaces(config, lora);
  const shapes = Object.fromEntries(places.map(({ name, shape }) => [name, shape]));
  checkShapes(shapes, tensors, path);
  const wanted = adapterShapes(config, lora);
  const adapters = places.map((place): [string, HostTensor] => {
    const source = tensors[place.name]!.data as Float32Array;
    const data = new Float32Array(source.length);
    placeTensor(place, source, data);
    return [place.parameter, { dtype: 'float32', shape: wanted[place.parameter]!, data }];
  });
  return { lora, adapters: Object.fromEntries(adapters) };
}
