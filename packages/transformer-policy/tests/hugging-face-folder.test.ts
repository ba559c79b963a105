import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { CheckpointError, SparkError } from '@spark-rl/core';

import {
  encodePrompt,
  initializeParameters,
  loadHuggingFaceModel,
  loadModel,
  saveHuggingFaceModel,
  saveModel,
  transformerConfig,
} from '../src/index.js';
import { removeFolders, temporaryFolder, tinyFolder } from './hugging-face/logits.js';
import { largeTokenizerJson } from './hugging-face/large-tokenizer.js';
import { readTensors } from './hugging-face/plain-transformer.js';
import {
  safetensors,
  tensorShapes,
  TINY_FOLDERS,
  TINY_NAMES,
  writeTinyFolder,
} from './hugging-face/tiny-folders.js';
import { CHAT_TEMPLATE } from './hugging-face/tokenizer-folder.js';
import * as small from './support.js';

afterEach(removeFolders);

const edit = (path: string, change: Readonly<Record<string, unknown>>): void => {
  const json = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...json, ...change }));
};

async function errorOf(work: Promise<unknown>): Promise<SparkError> {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(SparkError);
  return error as SparkError;
}

describe('the architecture', () => {
  it('is read from config.json', async () => {
    const { path } = tinyFolder('llama-scaled-tied');
    const { config } = await loadHuggingFaceModel(path);
    expect(config).toEqual({
      vocabularySize: 320,
      contextLength: 64,
      layers: 2,
      width: 32,
      heads: 4,
      keyValueHeads: 1,
      headDim: 8,
      hiddenWidth: 48,
      tiedHead: true,
      qkvBias: false,
      queryKeyNorm: false,
      ropeBase: 500,
      ropeScaling: {
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContextLength: 32,
      },
      normEpsilon: 1e-5,
    });
  });

  it('is read in the newer form, too', async () => {
    const { path } = tinyFolder('llama-scaled-tied');
    const before = await loadHuggingFaceModel(path);
    const { rope_scaling, rope_theta, ...rest } = TINY_FOLDERS['llama-scaled-tied'].config;
    const newer = { ...rest, rope_parameters: { ...rope_scaling, rope_theta } };
    writeFileSync(join(path, 'config.json'), JSON.stringify(newer));
    expect((await loadHuggingFaceModel(path)).config).toEqual(before.config);
  });

  it('takes a shorter context, and not more than the model has', async () => {
    const { path } = tinyFolder('qwen3');
    expect((await loadHuggingFaceModel(path, { contextLength: 16 })).config.contextLength).toBe(16);
    const error = await errorOf(loadHuggingFaceModel(path, { contextLength: 65 }));
    expect(error.field).toBe('max_position_embeddings');
    edit(join(path, 'config.json'), { max_position_embeddings: 40_960 });
    expect((await loadHuggingFaceModel(path)).config.contextLength).toBe(40_960);
  });

  it.each([
    ['model_type', { model_type: 'mamba' }, /qwen2, qwen3, llama/],
    ['hidden_size', { hidden_size: '32' }, /expected number/],
    ['hidden_act', { hidden_act: 'gelu' }, /"gelu", which is not supported/],
    ['attention_bias', { attention_bias: true }, /not supported/],
    ['mlp_bias', { mlp_bias: true }, /not supported/],
    ['quantization_config', { quantization_config: { bits: 4 } }, /not supported/],
    ['rope_scaling.rope_type', { rope_scaling: { rope_type: 'yarn', factor: 4 } }, /"yarn"/],
    ['rope_scaling.factor', { rope_scaling: { rope_type: 'llama3' } }, /is missing/],
    ['use_sliding_window', { use_sliding_window: true, max_window_layers: 1 }, /at most 32/],
    ['layer_types', { layer_types: ['full_attention', 'sliding_attention'] }, /sliding/],
    ['keyValueHeads', { num_key_value_heads: 3 }, /divide the 4 heads/],
  ])(
    'is refused where it is not built, naming config.json and %s',
    async (field, change, message) => {
      const { path } = tinyFolder('qwen2-tied');
      edit(join(path, 'config.json'), change);
      const error = await errorOf(loadHuggingFaceModel(path));
      expect(error).toBeInstanceOf(CheckpointError);
      expect(error.message).toContain(join(path, 'config.json'));
      expect(error.message).toMatch(message);
      expect(error.field).toBe(field);
    },
  );

  it('may have a window that no row is longer than', async () => {
    const { path } = tinyFolder('qwen2-tied');
    edit(join(path, 'config.json'), { use_sliding_window: true, max_window_layers: 0 });
    const { config } = await loadHuggingFaceModel(path, { contextLength: 32 });
    expect(config.contextLength).toBe(32);
  });
});

describe('weights that are not whole', () => {
  const sharded = 'qwen2-untied-sharded-bf16';
  const second = 'model-00002-of-00003.safetensors';

  it.each([1, 2, 3].map((shard) => `model-0000${shard}-of-00003.safetensors`))(
    'are refused when %s is cut off anywhere',
    async (file) => {
      const { path } = tinyFolder(sharded);
      const whole = readFileSync(join(path, file));
      for (const length of [0, 5, 8, 100, Math.floor(whole.length / 2), whole.length - 1]) {
        writeFileSync(join(path, file), whole.subarray(0, length));
        const error = await errorOf(loadHuggingFaceModel(path));
        expect(error).toBeInstanceOf(CheckpointError);
        expect(error.message).toContain(join(path, file));
      }
    },
  );

  it('are refused when a file of them is a folder, wherever its name leads', async () => {
    for (const name of ['.', '..', 'inner']) {
      const { path } = tinyFolder(sharded);
      mkdirSync(join(path, 'inner'));
      edit(join(path, 'model.safetensors.index.json'), { weight_map: { 'lm_head.weight': name } });
      const error = await errorOf(loadHuggingFaceModel(path));
      expect(error).toBeInstanceOf(CheckpointError);
      expect(error.message).toMatch(/is not a file/);
    }
  });

  it('are refused, and not looked for, where config.json says more layers than there are tensors', async () => {
    const { path } = tinyFolder(sharded);
    edit(join(path, 'config.json'), { num_hidden_layers: 1e9 });
    const error = await errorOf(loadHuggingFaceModel(path));
    expect(error.message).toContain(join(path, 'config.json'));
    expect(error.field).toBe('num_hidden_layers');
    expect(error.value).toBe(1e9);
  });

  it('are refused when a shard is missing, and when the only file is', async () => {
    const { path } = tinyFolder(sharded);
    rmSync(join(path, second));
    expect((await errorOf(loadHuggingFaceModel(path))).message).toContain(join(path, second));
    const single = tinyFolder('qwen3').path;
    rmSync(join(single, 'model.safetensors'));
    const error = await errorOf(loadHuggingFaceModel(single));
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toContain('model.safetensors');
  });

  it('are refused when the index and the shards do not agree', async () => {
    const { path } = tinyFolder(sharded);
    const index = join(path, 'model.safetensors.index.json');
    const { weight_map: map } = JSON.parse(readFileSync(index, 'utf8')) as {
      weight_map: Record<string, string>;
    };
    const elsewhere = Object.keys(map).find((tensor) => map[tensor] !== second)!;
    edit(index, { weight_map: { ...map, [elsewhere]: second } });
    const wrong = await errorOf(loadHuggingFaceModel(path));
    expect(wrong.message).toContain(`${second}: has no tensor ${elsewhere}`);
    expect(wrong.field).toBe(elsewhere);
    edit(index, { weight_map: { ...map, 'lm_head.weight': '../elsewhere.safetensors' } });
    expect((await errorOf(loadHuggingFaceModel(path))).message).toMatch(/outside the folder/);
    writeFileSync(index, '{"weight_map": 3}');
    expect((await errorOf(loadHuggingFaceModel(path))).field).toBe('weight_map');
  });

  it('are refused when they are of another shape, naming the file and the tensor', async () => {
    const { path } = tinyFolder('qwen3');
    edit(join(path, 'config.json'), { intermediate_size: 50 });
    const error = await errorOf(loadHuggingFaceModel(path));
    expect(error.message).toContain(join(path, 'model.safetensors'));
    expect(error.message).toMatch(
      /gate_proj\.weight is BF16 \[48, 32\], config\.json asks for \[50, 32\]/,
    );
    expect(error.field).toBe('model.layers.0.mlp.gate_proj.weight');
  });

  it('are refused when a tensor is missing or strange', async () => {
    const { path } = tinyFolder('qwen3');
    const file = join(path, 'model.safetensors');
    const shapes = tensorShapes(TINY_FOLDERS.qwen3.config);
    writeFileSync(file, safetensors(shapes.slice(0, -1), 'BF16'));
    const missing = await errorOf(loadHuggingFaceModel(path));
    expect(missing.field).toBe('model.norm.weight');
    writeFileSync(file, safetensors([...shapes, ['score.weight', [2, 32]]], 'BF16'));
    expect((await errorOf(loadHuggingFaceModel(path))).field).toBe('score.weight');
    // A tied head that is stored all the same, and old rotary buffers, say nothing new.
    const more = [
      ...shapes,
      ['lm_head.weight', [320, 32]] as const,
      ['model.layers.0.self_attn.rotary_emb.inv_freq', [8]] as const,
    ];
    writeFileSync(file, safetensors(more, 'BF16'));
    await expect(loadHuggingFaceModel(path)).resolves.toBeDefined();
  });

  it('are not read when there is too little memory', async () => {
    const { path } = tinyFolder('qwen3');
    // 320 x 32 of the embedding, two blocks and the last norm, 4 bytes each; the largest tensor once more, as stored and as numbers.
    const weights = 4 * (320 * 32 + 2 * (2 * 32 + 2 * 16 + 32 * 128 + 64 * 32 + 3 * 32 * 48) + 32);
    const needed = weights + 320 * 32 * (2 * 2 + 4);
    const error = await errorOf(loadHuggingFaceModel(path, { memory: needed - 1 }));
    expect(error.field).toBe('memory');
    expect(error.message).toMatch(/GiB of memory/);
    await expect(loadHuggingFaceModel(path, { memory: needed })).resolves.toBeDefined();
  });
});

describe('the tokenizer of a folder', () => {
  it('comes with its template and its ends', async () => {
    const { path } = tinyFolder('qwen3');
    const variables = { enable_thinking: false };
    const { tokenizer } = await loadHuggingFaceModel(path, { chatTemplateVariables: variables });
    expect([...tokenizer.endTokens].sort()).toEqual([0, 1]);
    expect(tokenizer.tokenId('<|end|>')).toBe(0);
    const messages = [{ role: 'user', content: 'take the mug' }] as const;
    const text = '<|role|>user\ntake the mug<|end|>\n<|role|>assistant\n<think>\n\n</think>\n\n';
    expect(tokenizer.renderMessages(messages)).toBe(text);
    expect(encodePrompt({ kind: 'messages', messages }, tokenizer)).toEqual(tokenizer.encode(text));
    // A file of its own takes the place of the one in tokenizer_config.json.
    writeFileSync(join(path, 'chat_template.jinja'), '{{ messages[0].content }}{{ eos_token }}');
    const other = (await loadHuggingFaceModel(path)).tokenizer;
    expect(other.renderMessages(messages)).toBe('take the mug<|end|>');
  });

  it('may say its end in generation_config.json alone', async () => {
    const { path } = tinyFolder('qwen3');
    rmSync(join(path, 'tokenizer_config.json'));
    const { tokenizer } = await loadHuggingFaceModel(path);
    expect(tokenizer.endOfSequence).toBe(0);
    rmSync(join(path, 'generation_config.json'));
    edit(join(path, 'config.json'), { eos_token_id: null });
    const error = await errorOf(loadHuggingFaceModel(path));
    expect(error.field).toBe('eos_token');
  });

  it('may be of realistic size, with fewer tokens than the embedding has rows', async () => {
    const path = join(temporaryFolder(), 'large');
    const { config } = TINY_FOLDERS.qwen3;
    const wide = { ...config, vocab_size: 100_352, hidden_size: 4, num_hidden_layers: 1 };
    writeTinyFolder(path, { config: wide, storage: 'BF16', shards: 2 });
    writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(largeTokenizerJson()));
    writeFileSync(join(path, 'tokenizer_config.json'), '{"eos_token":"<|end|>"}');
    const { tokenizer, parameters } = await loadHuggingFaceModel(path);
    expect(parameters['tokenEmbedding']!.shape).toEqual([100_352, 4]);
    expect(tokenizer.vocabularySize).toBe(100_004);
    const text = 'take the mug 123';
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(tokenizer.encode(text).length).toBeLessThan(text.length);
    // Ids that only the embedding has are no text.
    expect(tokenizer.decode([100_351])).toBe('');
  });

  it('survives a checkpoint of a run', async () => {
    const model = await loadHuggingFaceModel(tinyFolder('qwen3').path);
    const again = loadModel(saveModel(model), model.config);
    expect(again.parameters).toEqual(model.parameters);
    expect(again.tokenizer.config.chat_template).toBe(CHAT_TEMPLATE);
    expect(again.tokenizer.endTokens).toEqual(model.tokenizer.endTokens);
  });

  it.each([
    [
      'tokenizer.json',
      'vocab_size',
      { added_tokens: [{ id: 320, content: '<|end|>', special: true }] },
    ],
    ['tokenizer.json', 'added_tokens', { added_tokens: 3 }],
    ['tokenizer_config.json', 'chat_template', { chat_template: 7 }],
    ['generation_config.json', 'eos_token_id', { eos_token_id: 'end' }],
  ])('is refused when %s does not fit, naming %s', async (file, field, change) => {
    const { path } = tinyFolder('qwen2-tied');
    edit(join(path, file), change);
    const error = await errorOf(loadHuggingFaceModel(path));
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error.message).toContain(join(path, file));
    expect(error.field).toBe(field);
  });

  it('is refused when it is missing, or not JSON', async () => {
    const { path } = tinyFolder('qwen2-tied');
    writeFileSync(join(path, 'tokenizer.json'), '{"model":');
    expect((await errorOf(loadHuggingFaceModel(path))).message).toMatch(
      /tokenizer\.json: is not JSON/,
    );
    rmSync(join(path, 'tokenizer.json'));
    expect((await errorOf(loadHuggingFaceModel(path))).field).toBe('tokenizer.json');
    expect((await errorOf(loadHuggingFaceModel(join(path, 'nowhere')))).code).toBe('checkpoint');
  });
});

describe('saving', () => {
  it.each(TINY_NAMES)('writes %s as it was read', async (name) => {
    const { path, weightFiles } = tinyFolder(name);
    const model = await loadHuggingFaceModel(path, { contextLength: 20 });
    const saved = join(dirname(path), 'saved');
    const { storage } = TINY_FOLDERS[name];
    await saveHuggingFaceModel(saved, model, {
      storage: storage === 'F32' ? 'f32' : storage === 'F16' ? 'f16' : 'bf16',
    });
    expect(readTensors(saved, ['model.safetensors'])).toEqual(
      new Map([...readTensors(path, weightFiles)].sort(byOrderOf(saved))),
    );
    for (const file of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json'])
      expect(readFileSync(join(saved, file))).toEqual(readFileSync(join(path, file)));
    const json = (folder: string): unknown =>
      JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    expect(json(saved)).toEqual(json(path));
    const again = await loadHuggingFaceModel(saved, { contextLength: 20 });
    expect(again.config).toEqual(model.config);
    expect(again.parameters).toEqual(model.parameters);
  });

  it('splits weights into shards, with an index', async () => {
    const { path } = tinyFolder('qwen2-tied');
    const model = await loadHuggingFaceModel(path);
    const saved = join(dirname(path), 'saved');
    await saveHuggingFaceModel(saved, model, { shardBytes: 20_000 });
    const files = readdirSync(saved).filter((file) => file.endsWith('.safetensors'));
    expect(files.length).toBeGreaterThan(2);
    expect(files[0]).toBe(`model-00001-of-0000${files.length}.safetensors`);
    const index = JSON.parse(readFileSync(join(saved, 'model.safetensors.index.json'), 'utf8')) as {
      metadata: { total_size: number };
      weight_map: Record<string, string>;
    };
    expect(Object.keys(index.weight_map)).toHaveLength(2 * 12 + 2);
    const sizes = Object.values(model.parameters).map(({ data }) => data.byteLength);
    expect(index.metadata.total_size).toBe(sizes.reduce((sum, bytes) => sum + bytes, 0));
    expect((await loadHuggingFaceModel(saved)).parameters).toEqual(model.parameters);
  });

  it('makes a Llama of a model trained from scratch, which renders messages as before', async () => {
    const config = { ...small.config, keyValueHeads: 1 };
    const parameters = initializeParameters(config, ['scratch']);
    const saved = join(temporaryFolder(), 'saved');
    await saveHuggingFaceModel(saved, { config, parameters, tokenizer: small.tokenizer });
    const loaded = await loadHuggingFaceModel(saved);
    expect(loaded.config).toEqual(transformerConfig(config));
    expect(loaded.parameters).toEqual(parameters);
    expect(loaded.origin.configJson).toMatchObject({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
    });
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ] as const;
    expect(loaded.tokenizer.renderMessages(messages)).toBe(
      small.tokenizer.renderMessages(messages),
    );
    expect(loaded.tokenizer.endOfSequence).toBe(small.tokenizer.endOfSequence);
    for (const text of small.TEXTS)
      expect(loaded.tokenizer.encode(text)).toEqual(small.tokenizer.encode(text));
  });

  it('describes a model that was changed since by a new config.json', async () => {
    const { path } = tinyFolder('qwen2-tied');
    const { origin, tokenizer } = await loadHuggingFaceModel(path);
    const config = transformerConfig({ ...small.config, vocabularySize: 320, qkvBias: true });
    const parameters = initializeParameters(config, ['other']);
    const saved = join(dirname(path), 'saved');
    await saveHuggingFaceModel(saved, { config, parameters, tokenizer, origin });
    expect((await loadHuggingFaceModel(saved)).config).toEqual(config);
  });

  it('leaves nothing half-written, and what was there as it was', async () => {
    const { path } = tinyFolder('qwen2-tied');
    const model = await loadHuggingFaceModel(path);
    const parent = join(temporaryFolder(), 'models');
    const target = join(parent, 'final');
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'config.json'), 'old');
    expect((await errorOf(saveHuggingFaceModel(target, model))).message).toMatch(
      /is there already/,
    );
    // The last tensor cannot be stored: all the files before it are written by then.
    const norm = model.parameters['finalNorm']!;
    const huge = { ...norm, data: norm.data.map(() => 1e6) } as typeof norm;
    const broken = { ...model, parameters: { ...model.parameters, finalNorm: huge } };
    const error = await errorOf(
      saveHuggingFaceModel(target, broken, { storage: 'f16', replace: true, shardBytes: 20_000 }),
    );
    expect(error.message).toMatch(/1000000 is too large for the storage f16/);
    expect(readdirSync(parent)).toEqual(['final']);
    expect(readFileSync(join(target, 'config.json'), 'utf8')).toBe('old');
    await saveHuggingFaceModel(target, model, { replace: true });
    expect(readdirSync(parent)).toEqual(['final']);
    expect((await loadHuggingFaceModel(target)).parameters).toEqual(model.parameters);
  });

  it('says when a folder cannot be made, or the weights are others', async () => {
    const { path } = tinyFolder('qwen2-tied');
    const model = await loadHuggingFaceModel(path);
    const blocked = join(path, 'config.json', 'below');
    const error = await errorOf(saveHuggingFaceModel(blocked, model));
    expect(error.field).toBe(blocked);
    const fewer = Object.fromEntries(
      Object.entries(model.parameters).filter(([name]) => name !== 'finalNorm'),
    );
    const saved = join(dirname(path), 'saved');
    await expect(saveHuggingFaceModel(saved, { ...model, parameters: fewer })).rejects.toThrow(
      /finalNorm/,
    );
    expect(existsSync(saved)).toBe(false);
  });
});

/** Orders tensors as a saved file does: what is in it counts, not where. */
function byOrderOf(saved: string): (a: [string, unknown], b: [string, unknown]) => number {
  const order = [...readTensors(saved, ['model.safetensors']).keys()];
  return ([a], [b]) => order.indexOf(a) - order.indexOf(b);
}
