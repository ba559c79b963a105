import { InvalidInputError, parseInput, showValue } from '@spark-rl/core';
import { z } from 'zod';

import { transformerConfig, type RopeScaling, type TransformerConfig } from '../config.js';

/** The families of models that can be loaded: Qwen2 and Qwen2.5, Qwen3, Llama 3 to 3.2. */
export const MODEL_TYPES = ['qwen2', 'qwen3', 'llama'] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

/** What `head_dim` is in Qwen3 where the file does not say. */
const QWEN3_HEAD_DIM = 128;

const size = z.int().positive();
const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullish();

const ropeSchema = z.looseObject({
  rope_type: orNull(z.string()),
  type: orNull(z.string()),
  rope_theta: orNull(z.number().positive()),
  factor: orNull(z.number().min(1)),
  low_freq_factor: orNull(z.number().positive()),
  high_freq_factor: orNull(z.number().positive()),
  original_max_position_embeddings: orNull(size),
});

const configSchema = z.looseObject({
  model_type: z.enum(MODEL_TYPES, {
    error: `the architectures that can be loaded are ${MODEL_TYPES.join(', ')}`,
  }),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: orNull(size),
  head_dim: orNull(size),
  max_position_embeddings: size.min(2),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: orNull(z.number().positive()),
  rope_scaling: orNull(ropeSchema),
  rope_parameters: orNull(ropeSchema),
  tie_word_embeddings: z.boolean().default(false),
  use_sliding_window: orNull(z.boolean()),
  sliding_window: orNull(size),
  max_window_layers: orNull(z.int().nonnegative()),
  layer_types: orNull(z.array(z.string())),
});
type ConfigJson = z.output<typeof configSchema>;

/** Fields that change what a model computes, and the only values for which that is built. */
const ONLY: Readonly<Record<string, readonly unknown[]>> = {
  hidden_act: ['silu', null],
  attention_bias: [false, null],
  mlp_bias: [false, null],
  quantization_config: [null],
  partial_rotary_factor: [1, null],
};

function unsupported(field: string, value: unknown, remedy: string): InvalidInputError {
  return new InvalidInputError(`${field} is ${showValue(value)}, which is not supported`, {
    field,
    value,
    remedy,
  });
}

function ropeScaling(json: ConfigJson): RopeScaling | null {
  const field = json.rope_scaling ? 'rope_scaling' : 'rope_parameters';
  const rope = json.rope_scaling ?? json.rope_parameters;
  const type = rope?.rope_type ?? rope?.type ?? 'default';
  if (!rope || type === 'default') return null;
  if (type !== 'llama3') {
    throw unsupported(
      `${field}.rope_type`,
      type,
      'Load a checkpoint without rotary scaling, or with that of Llama 3',
    );
  }
  const number = (name: keyof typeof rope): number => {
    const value = rope[name];
    if (typeof value === 'number') return value;
    throw new InvalidInputError(`${field}.${String(name)} is missing`, {
      field: `${field}.${String(name)}`,
      value,
      remedy: 'Use the config.json that was published with the checkpoint',
    });
  };
  return {
    factor: number('factor'),
    lowFrequencyFactor: number('low_freq_factor'),
    highFrequencyFactor: number('high_freq_factor'),
    originalContextLength: number('original_max_position_embeddings'),
  };
}

/** Attention to a window is attention to everything as long as no row is longer than the window. */
function checkWindow(json: ConfigJson, contextLength: number): void {
  const { sliding_window: window, layer_types: types } = json;
  const inUse = types
    ? types.some((type) => type !== 'full_attention')
    : json.use_sliding_window === true && (json.max_window_layers ?? 0) < json.num_hidden_layers;
  if (!inUse || (window && contextLength <= window)) return;
  throw unsupported(
    types ? 'layer_types' : 'use_sliding_window',
    types ?? true,
    window ? `Load it with a contextLength of at most ${window}` : 'Load another checkpoint',
  );
}

/**
 * The architecture that a `config.json` of Qwen2, Qwen3 or Llama describes.
 *
 * @param contextLength - the most tokens of a row; default what the model was made for
 * @throws InvalidInputError naming the field that is wrong or not supported
 */
export function parseConfigJson(value: unknown, contextLength?: number): TransformerConfig {
  const json = parseInput(configSchema, value, 'config.json', 'Load another checkpoint');
  for (const [field, allowed] of Object.entries(ONLY)) {
    if (!allowed.includes(json[field] ?? null))
      throw unsupported(field, json[field], 'Load another checkpoint');
  }
  const longest = json.max_position_embeddings;
  const context = contextLength ?? longest;
  if (context > longest) {
    throw new InvalidInputError(`contextLength is ${context}, the model was made for ${longest}`, {
      field: 'max_position_embeddings',
      value: longest,
      remedy: `Give a contextLength of at most ${longest}`,
    });
  }
  checkWindow(json, context);
  const { hidden_size: width, num_attention_heads: heads } = json;
  const headDim = json.head_dim ?? (json.model_type === 'qwen3' ? QWEN3_HEAD_DIM : width / heads);
  return transformerConfig({
    vocabularySize: json.vocab_size,
    contextLength: context,
    layers: json.num_hidden_layers,
    width,
    heads,
    keyValueHeads: json.num_key_value_heads ?? heads,
    headDim,
    hiddenWidth: json.intermediate_size,
    tiedHead: json.tie_word_embeddings,
    qkvBias: json.model_type === 'qwen2',
    queryKeyNorm: json.model_type === 'qwen3',
    ropeBase: json.rope_theta ?? json.rope_parameters?.rope_theta ?? 10_000,
    ropeScaling: ropeScaling(json),
    normEpsilon: json.rms_norm_eps,
  });
}

/** The family that an architecture belongs to. */
export function modelTypeOf(config: TransformerConfig): ModelType {
  if (config.qkvBias && config.queryKeyNorm) {
    throw new InvalidInputError('no published architecture has both qkvBias and queryKeyNorm', {
      field: 'qkvBias',
      remedy: 'Save it with saveModel instead',
    });
  }
  return config.qkvBias ? 'qwen2' : config.queryKeyNorm ? 'qwen3' : 'llama';
}

const CLASSES: Readonly<Record<ModelType, string>> = {
  qwen2: 'Qwen2ForCausalLM',
  qwen3: 'Qwen3ForCausalLM',
  llama: 'LlamaForCausalLM',
};

/** The `config.json` of an architecture, as the `transformers` library reads it. */
export function writeConfigJson(config: TransformerConfig): Record<string, unknown> {
  const type = modelTypeOf(config);
  const scaling = config.ropeScaling;
  return {
    architectures: [CLASSES[type]],
    attention_bias: false,
    attention_dropout: 0,
    head_dim: config.headDim,
    hidden_act: 'silu',
    hidden_size: config.width,
    initializer_range: 0.02,
    intermediate_size: config.hiddenWidth,
    max_position_embeddings: config.contextLength,
    ...(type === 'llama' ? { mlp_bias: false } : { use_sliding_window: false }),
    model_type: type,
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    num_key_value_heads: config.keyValueHeads,
    rms_norm_eps: config.normEpsilon,
    rope_scaling:
      scaling === null
        ? null
        : {
            factor: scaling.factor,
            high_freq_factor: scaling.highFrequencyFactor,
            low_freq_factor: scaling.lowFrequencyFactor,
            original_max_position_embeddings: scaling.originalContextLength,
            rope_type: 'llama3',
          },
    rope_theta: config.ropeBase,
    tie_word_embeddings: config.tiedHead,
    use_cache: true,
    vocab_size: config.vocabularySize,
  };
}
