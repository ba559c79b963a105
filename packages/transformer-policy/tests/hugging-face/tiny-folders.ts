import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { randomSource } from '@spark-rl/core';

/**
 * Small folders as Hugging Face publishes models, with random weights: what the loader is tested on, here and against PyTorch (see
 * `tools/models`). Weights are multiples of 2^-12 from keyed randomness, the same numbers on every machine.
 */

export interface TinyFolder {
  readonly config: Readonly<Record<string, unknown>>;
  readonly storage: 'F32' | 'BF16' | 'F16';
  /** How many files the weights are split into. */
  readonly shards: number;
}

const common = {
  attention_dropout: 0,
  hidden_act: 'silu',
  hidden_size: 32,
  initializer_range: 0.02,
  intermediate_size: 48,
  max_position_embeddings: 64,
  num_hidden_layers: 2,
  use_cache: true,
  vocab_size: 320,
};

const qwen2 = {
  ...common,
  architectures: ['Qwen2ForCausalLM'],
  bos_token_id: 0,
  eos_token_id: 1,
  max_window_layers: 2,
  model_type: 'qwen2',
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  sliding_window: 32,
  use_sliding_window: false,
};

const llama = {
  ...common,
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  bos_token_id: 0,
  eos_token_id: [1, 2],
  head_dim: 8,
  mlp_bias: false,
  model_type: 'llama',
  num_attention_heads: 4,
  num_key_value_heads: 1,
  pretraining_tp: 1,
  rms_norm_eps: 1e-5,
  rope_scaling: {
    factor: 8,
    high_freq_factor: 4,
    low_freq_factor: 1,
    original_max_position_embeddings: 32,
    rope_type: 'llama3',
  },
  // So small that wavelengths fall on both sides of the original context and between.
  rope_theta: 500,
};

/** The folders by name. */
export const TINY_FOLDERS = {
  'qwen2-tied': {
    config: { ...qwen2, tie_word_embeddings: true, torch_dtype: 'float32' },
    storage: 'F32',
    shards: 1,
  },
  'qwen2-untied-sharded-bf16': {
    config: { ...qwen2, tie_word_embeddings: false, torch_dtype: 'bfloat16' },
    storage: 'BF16',
    shards: 3,
  },
  qwen3: {
    config: {
      ...common,
      architectures: ['Qwen3ForCausalLM'],
      attention_bias: false,
      bos_token_id: 0,
      eos_token_id: 1,
      head_dim: 16,
      max_window_layers: 2,
      model_type: 'qwen3',
      num_attention_heads: 4,
      num_key_value_heads: 2,
      rms_norm_eps: 1e-6,
      rope_scaling: null,
      rope_theta: 1_000_000,
      sliding_window: null,
      tie_word_embeddings: true,
      torch_dtype: 'bfloat16',
      use_sliding_window: false,
    },
    storage: 'BF16',
    shards: 1,
  },
  'llama-scaled-tied': {
    config: { ...llama, tie_word_embeddings: true, torch_dtype: 'float16' },
    storage: 'F16',
    shards: 2,
  },
  'llama-untied': {
    config: {
      ...llama,
      num_key_value_heads: 4,
      rope_scaling: null,
      rope_theta: 10_000,
      tie_word_embeddings: false,
      torch_dtype: 'float32',
    },
    storage: 'F32',
    shards: 1,
  },
} as const satisfies Readonly<Record<string, TinyFolder>>;

export type TinyName = keyof typeof TINY_FOLDERS;
export const TINY_NAMES = Object.keys(TINY_FOLDERS) as TinyName[];

/** What the recorded logits are of: a row of token ids. */
export const TINY_TOKENS: readonly number[] = [0, 17, 250, 3, 3, 99, 319, 42, 7, 128, 200, 5, 61];

type Shapes = readonly (readonly [string, readonly number[]])[];

/** The tensors of an architecture, as its `config.json` implies them. */
export function tensorShapes(config: TinyFolder['config']): Shapes {
  const number = (name: string): number => config[name] as number;
  const width = number('hidden_size');
  const inner = number('intermediate_size');
  const headDim =
    (config['head_dim'] as number | undefined) ?? width / number('num_attention_heads');
  const queries = number('num_attention_heads') * headDim;
  const keys = number('num_key_value_heads') * headDim;
  const shapes: [string, readonly number[]][] = [
    ['model.embed_tokens.weight', [number('vocab_size'), width]],
  ];
  for (let layer = 0; layer < number('num_hidden_layers'); layer++) {
    const add = (name: string, ...shape: number[]): void => {
      shapes.push([`model.layers.${layer}.${name}`, shape]);
    };
    add('input_layernorm.weight', width);
    add('self_attn.q_proj.weight', queries, width);
    add('self_attn.k_proj.weight', keys, width);
    add('self_attn.v_proj.weight', keys, width);
    add('self_attn.o_proj.weight', width, queries);
    if (config['model_type'] === 'qwen2') {
      add('self_attn.q_proj.bias', queries);
      add('self_attn.k_proj.bias', keys);
      add('self_attn.v_proj.bias', keys);
    }
    if (config['model_type'] === 'qwen3') {
      add('self_attn.q_norm.weight', headDim);
      add('self_attn.k_norm.weight', headDim);
    }
    add('post_attention_layernorm.weight', width);
    add('mlp.gate_proj.weight', inner, width);
    add('mlp.up_proj.weight', inner, width);
    add('mlp.down_proj.weight', width, inner);
  }
  shapes.push(['model.norm.weight', [width]]);
  if (!config['tie_word_embeddings'])
    shapes.push(['lm_head.weight', [number('vocab_size'), width]]);
  return shapes;
}

function values(name: string, shape: readonly number[]): number[] {
  const random = randomSource(['tiny folder', name]);
  const size = shape.reduce((product, dim) => product * dim, 1);
  const [centre, spread] = name.endsWith('norm.weight') ? [1, 0.5] : [0, 0.5];
  return Array.from(
    { length: size },
    () => Math.round((centre + spread * (2 * random.uniform() - 1)) * 4096) / 4096,
  );
}

/** Rounds to bfloat16 or half precision by cutting the fraction off: any number of that type serves. */
function encode(numbers: readonly number[], storage: TinyFolder['storage']): Buffer {
  const bytes = Buffer.alloc(numbers.length * (storage === 'F32' ? 4 : 2));
  const word = Buffer.alloc(4);
  numbers.forEach((value, i) => {
    if (storage === 'F32') {
      bytes.writeFloatLE(value, 4 * i);
    } else if (storage === 'BF16') {
      word.writeFloatLE(value);
      bytes.writeUInt16LE(word.readUInt16LE(2), 2 * i);
    } else {
      word.writeFloatLE(value);
      const bits = word.readUInt32LE();
      const exponent = ((bits >>> 23) & 0xff) - 112;
      const half = exponent <= 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 0x3ff);
      bytes.writeUInt16LE(((bits >>> 16) & 0x8000) | half, 2 * i);
    }
  });
  return bytes;
}

export function safetensors(shapes: Shapes, storage: TinyFolder['storage']): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, shape] of shapes) {
    const part = encode(values(name, shape), storage);
    header[name] = { dtype: storage, shape, data_offsets: [offset, offset + part.length] };
    parts.push(part);
    offset += part.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}

/** Writes the config and the weights of a folder; the tokenizer comes from elsewhere. */
export function writeTinyFolder(path: string, { config, storage, shards }: TinyFolder): string[] {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'config.json'), JSON.stringify(config, null, 2));
  const shapes = tensorShapes(config);
  if (shards === 1) {
    writeFileSync(join(path, 'model.safetensors'), safetensors(shapes, storage));
    return ['model.safetensors'];
  }
  const files: string[] = [];
  const weightMap: Record<string, string> = {};
  for (let shard = 0; shard < shards; shard++) {
    const part = shapes.filter((_, i) => i % shards === shard);
    const number = (count: number): string => String(count).padStart(5, '0');
    const file = `model-${number(shard + 1)}-of-${number(shards)}.safetensors`;
    writeFileSync(join(path, file), safetensors(part, storage));
    for (const [name] of part) weightMap[name] = file;
    files.push(file);
  }
  const index = { metadata: { total_size: 0 }, weight_map: weightMap };
  writeFileSync(join(path, 'model.safetensors.index.json'), JSON.stringify(index));
  return files;
}
