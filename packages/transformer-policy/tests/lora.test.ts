import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CheckpointError, InvalidInputError } from '@spark-rl/core';
import {
  defaultAdamW,
  referenceEngine,
  type HostTensor,
  type LanguageModel,
  type LossProgram,
  type Named,
} from '@spark-rl/tensor';

import {
  adapterShapes,
  decoderTransformer,
  initializeAdapters,
  initializeParameters,
  LORA_TARGETS,
  loadAdapter,
  loraConfig,
  loraTransformer,
  mergeAdapters,
  parameterShapes,
  saveAdapter,
  transformerConfig,
  type LoraOptions,
} from '../src/index.js';
import { removeFolders, temporaryFolder } from './hugging-face/logits.js';

afterAll(removeFolders);

const config = transformerConfig({
  vocabularySize: 11,
  contextLength: 12,
  layers: 2,
  width: 8,
  heads: 4,
  keyValueHeads: 2,
  headDim: 4,
  hiddenWidth: 12,
  qkvBias: true,
});
/** Larger than fresh weights, so that every part of the model has a say; biases are not zero. */
const makeBase = (): Named<HostTensor> =>
  Object.fromEntries(
    Object.entries(initializeParameters(config, ['base'])).map(([name, tensor]) => [
      name,
      {
        ...tensor,
        data: Float32Array.from(tensor.data, (x, i) =>
          name.endsWith('Bias') ? Math.cos(i) / 4 : name.endsWith('Norm') ? x : 20 * x,
        ),
      } as HostTensor,
    ]),
  );
const base = makeBase();
const tokens = [3, 0, 10, 10, 7, 1];

/** Adapters that change something: B is not zero. */
function busyAdapters(lora: LoraOptions): Named<HostTensor> {
  return Object.fromEntries(
    Object.entries(initializeAdapters(config, lora, ['adapters'])).map(([name, tensor], index) => [
      name,
      {
        ...tensor,
        data: Float32Array.from(tensor.data, (_, i) => Math.sin(3 * i + index) / 2),
      } as HostTensor,
    ]),
  );
}

/** Mean negative log-likelihood of the row's own next tokens. */
const loss = (model: LanguageModel): LossProgram => ({
  name: 'next token',
  parameters: model.parameters,
  frozen: model.frozen ?? [],
  inputs: {
    ...model.inputs,
    at: { dtype: 'int32', shape: ['n'] },
    next: { dtype: 'int32', shape: ['n'] },
  },
  run: (ops, p, x) => {
    const logits = model.logits(ops, p, x, x['at']!);
    const picked = ops.mul(ops.oneHot(x['next']!, model.vocabularySize), ops.logSoftmax(logits));
    return { loss: ops.neg(ops.mean(ops.sum(picked, [-1]), [0])), metrics: {} };
  },
});
const batch = (model: LanguageModel): Named<HostTensor> => ({
  ...model.prepare(Int32Array.from(tokens), 1, tokens.length),
  at: { dtype: 'int32', shape: [5], data: Int32Array.of(0, 1, 2, 3, 4) },
  next: { dtype: 'int32', shape: [5], data: Int32Array.from(tokens.slice(1)) },
});

async function logits(model: LanguageModel, parameters: Named<HostTensor>): Promise<number[]> {
  const engine = referenceEngine();
  const program = await engine.compile({
    name: 'logits',
    parameters: model.parameters,
    inputs: { ...model.inputs, at: { dtype: 'int32', shape: ['n'] } },
    run: (ops, p, x) => ({ logits: model.logits(ops, p, x, x['at']!) }),
  });
  const inputs = Object.fromEntries(
    Object.entries(batch(model)).filter(([name]) => name !== 'next'),
  );
  return [...(await program.run(engine.parameters(parameters), inputs))['logits']!.data];
}

describe('adapters', () => {
  it('start as PEFT starts them, and change nothing', async () => {
    const lora = { rank: 2, alpha: 8 };
    const adapters = initializeAdapters(config, lora, ['fresh']);
    const a = adapters['layers.1.down.loraA']!;
    expect(a.shape).toEqual([12, 2]);
    const largest = Math.max(...Array.from(a.data, Math.abs));
    expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(12));
    expect(largest).toBeGreaterThan(0.2);
    expect([...adapters['layers.1.down.loraB']!.data].every((x) => x === 0)).toBe(true);
    expect(initializeAdapters(config, lora, ['fresh'])).toEqual(adapters);
    expect(await logits(loraTransformer(config, lora), { ...base, ...adapters })).toEqual(
      await logits(decoderTransformer(config), base),
    );
  });

  it.each<[string, LoraOptions]>([
    ['every target', { rank: 3, alpha: 6 }],
    ['queries and values', { rank: 2, alpha: 5, targets: ['v', 'q'] }],
    [
      'gates and outputs, rank-stabilised',
      { rank: 4, alpha: 3, targets: ['gate', 'o'], rankStabilized: true },
    ],
  ])('merged into the weights give the same logits, with %s', async (_, lora) => {
    const adapters = busyAdapters(lora);
    const adapted = await logits(loraTransformer(config, lora), { ...base, ...adapters });
    const merged = mergeAdapters(config, lora, base, adapters);
    expect(Object.keys(merged)).toEqual(Object.keys(parameterShapes(config)));
    const plain = await logits(decoderTransformer(config), merged);
    const untouched = await logits(decoderTransformer(config), base);
    adapted.forEach((value, i) => expect(plain[i]).toBeCloseTo(value, 5));
    expect(Math.max(...adapted.map((value, i) => Math.abs(value - untouched[i]!)))).toBeGreaterThan(
      0.01,
    );
  });

  it('add s A B to the columns of their target', () => {
    const lora = { rank: 1, alpha: 3, targets: ['k'] } as const;
    const adapters = busyAdapters(lora);
    const merged = mergeAdapters(config, lora, base, { ...base, ...adapters });
    const a = adapters['layers.0.k.loraA']!.data;
    const b = adapters['layers.0.k.loraB']!.data;
    const before = base['layers.0.qkv']!.data;
    const after = merged['layers.0.qkv']!.data;
    // 16 columns of queries, 8 of keys, 8 of values.
    for (let row = 0; row < 8; row++) {
      for (let column = 0; column < 32; column++) {
        const at = row * 32 + column;
        const isKey = column >= 16 && column < 24;
        const change = isKey ? 3 * a[row]! * b[column - 16]! : 0;
        expect(after[at]).toBeCloseTo(before[at]! + change, 6);
      }
    }
    expect(merged['layers.0.down']).toBe(base['layers.0.down']);
    expect(base['layers.0.qkv']!.data).toEqual(makeBase()['layers.0.qkv']!.data);
  });

  it('are scaled by alpha / sqrt(r) when rank-stabilised', () => {
    const adapters = busyAdapters({ rank: 4, alpha: 1 });
    const merged = (lora: LoraOptions) => mergeAdapters(config, lora, base, adapters);
    // 6 / sqrt(4) = 12 / 4
    expect(merged({ rank: 4, alpha: 6, rankStabilized: true })).toEqual(
      merged({ rank: 4, alpha: 12 }),
    );
    expect(merged({ rank: 4, alpha: 6 })).not.toEqual(merged({ rank: 4, alpha: 12 }));
  });

  it('are all that training changes, and make the loss smaller', async () => {
    const lora = { rank: 2, alpha: 4 };
    const model = loraTransformer(config, lora);
    const start = { ...base, ...initializeAdapters(config, lora, ['fresh']) };
    const trainer = await referenceEngine().compileTraining(loss(model), defaultAdamW, start);
    const losses: number[] = [];
    for (let step = 0; step < 15; step++)
      losses.push((await trainer.step([batch(model)], { learningRate: 0.05 })).loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.3);
    const { parameters, firstMoments } = await trainer.snapshot();
    expect(Object.keys(firstMoments)).toEqual(Object.keys(adapterShapes(config, lora)));
    for (const name of Object.keys(base)) expect(parameters[name]).toEqual(base[name]);
    expect(parameters['layers.0.up.loraB']).not.toEqual(start['layers.0.up.loraB']);
  });

  it('have the gradient that the loss of the merged weights has', async () => {
    // The slope of the loss of merged weights when one number of an adapter moves, by central difference.
    const lora = { rank: 1, alpha: 2, targets: ['down'] } as const;
    const adapters = busyAdapters(lora);
    const nudge = 1e-3;
    const lossOf = async (parameters: Named<HostTensor>): Promise<number> => {
      const model = decoderTransformer(config);
      const flat = await logits(model, mergeAdapters(config, lora, base, parameters));
      return [0, 1, 2, 3, 4].reduce((sum, at) => {
        const row = flat.slice(at * 11, at * 11 + 11);
        const total = Math.log(row.reduce((all, x) => all + Math.exp(x), 0));
        return sum + (total - row[tokens[at + 1]!]!) / 5;
      }, 0);
    };
    const name = 'layers.1.down.loraB';
    const moved = (by: number): Named<HostTensor> => ({
      ...adapters,
      [name]: {
        ...adapters[name]!,
        data: adapters[name]!.data.map((x, i) => (i === 2 ? x + by : x)),
      } as HostTensor,
    });
    const slope = ((await lossOf(moved(nudge))) - (await lossOf(moved(-nudge)))) / (2 * nudge);
    const model = loraTransformer(config, lora);
    const options = { ...defaultAdamW, maxGradientNorm: Infinity };
    const trainer = await referenceEngine().compileTraining(loss(model), options, {
      ...base,
      ...adapters,
    });
    await trainer.step([batch(model)], { learningRate: 0 });
    // After one step the first moment is (1 - beta1) times the gradient.
    const { firstMoments } = await trainer.snapshot();
    expect(firstMoments[name]!.data[2]! / 0.1).toBeCloseTo(slope, 3);
    expect(Math.abs(slope)).toBeGreaterThan(1e-2);
  });
});

describe('loraConfig', () => {
  it('adapts everything by default, in one order', () => {
    expect(loraConfig({ rank: 4, alpha: 8 })).toEqual({
      rank: 4,
      alpha: 8,
      targets: LORA_TARGETS,
      rankStabilized: false,
    });
    expect(loraConfig({ rank: 4, alpha: 8, targets: ['down', 'q'] }).targets).toEqual([
      'q',
      'down',
    ]);
  });

  it.each([
    ['rank', { rank: 0, alpha: 1 }],
    ['targets', { rank: 1, alpha: 1, targets: [] }],
    ['targets', { rank: 1, alpha: 1, targets: ['head'] }],
    ['dropout', { rank: 1, alpha: 1, dropout: 0.1 }],
  ])('names %s when it is wrong', (field, options) => {
    expect(() => loraConfig(options as LoraOptions)).toThrow(InvalidInputError);
    expect(() => loraConfig(options as LoraOptions)).toThrow(field);
  });
});

describe('a folder of adapters', () => {
  const lora = { rank: 2, alpha: 6, targets: ['q', 'v', 'down'], rankStabilized: true } as const;
  const adapters = busyAdapters(lora);
  const save = async (): Promise<string> => {
    const path = join(temporaryFolder(), 'adapter');
    await saveAdapter(path, { config, lora, adapters }, { baseModel: 'some/model' });
    return path;
  };

  it('has the names and the shapes of PEFT', async () => {
    const path = await save();
    expect(readdirSync(path).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
    expect(JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8'))).toMatchObject({
      peft_type: 'LORA',
      task_type: 'CAUSAL_LM',
      base_model_name_or_path: 'some/model',
      r: 2,
      lora_alpha: 6,
      use_rslora: true,
      target_modules: ['q_proj', 'v_proj', 'down_proj'],
    });
    const bytes = readFileSync(join(path, 'adapter_model.safetensors'));
    const header = JSON.parse(
      bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE())),
    ) as Record<string, { shape: number[] }>;
    expect(header['base_model.model.model.layers.1.mlp.down_proj.lora_A.weight']!.shape).toEqual([
      2, 12,
    ]);
    expect(header['base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight']!.shape).toEqual(
      [8, 2],
    );
    expect(Object.keys(header)).toHaveLength(1 + 2 * 3 * 2);
  });

  it('gives adapters back to the bit', async () => {
    expect(await loadAdapter(await save(), config)).toEqual({ lora: loraConfig(lora), adapters });
  });

  it.each([
    ['r', { r: 3 }, /lora_A\.weight is \[2, 8\], the config asks for \[3, 8\]/],
    ['use_dora', { use_dora: true }, /use_dora is true/],
    ['target_modules', { target_modules: ['lm_head'] }, /target_modules/],
    ['rank_pattern', { rank_pattern: { q_proj: 4 } }, /rank_pattern/],
    ['peft_type', { peft_type: 'IA3' }, /peft_type/],
  ])('is refused when %s does not fit', async (_, change, message) => {
    const path = await save();
    const file = join(path, 'adapter_config.json');
    const json = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...json, ...change }));
    await expect(loadAdapter(path, config)).rejects.toThrow(CheckpointError);
    await expect(loadAdapter(path, config)).rejects.toThrow(message);
  });

  it('is refused when it is not there, or not whole', async () => {
    await expect(loadAdapter(temporaryFolder(), config)).rejects.toThrow(
      /has no adapter_config\.json/,
    );
    const path = await save();
    const file = join(path, 'adapter_model.safetensors');
    writeFileSync(file, readFileSync(file).subarray(0, -1));
    await expect(loadAdapter(path, config)).rejects.toThrow(/adapter_model\.safetensors .* holds/);
    await expect(loadAdapter(path, { ...config, layers: 1 })).rejects.toThrow(CheckpointError);
  });

  it('is not written in a form that is not known', async () => {
    const path = join(temporaryFolder(), 'adapter');
    const storage = 'f8' as 'f16';
    await expect(saveAdapter(path, { config, lora, adapters }, { storage })).rejects.toMatchObject({
      field: 'storage',
    });
    expect(existsSync(path)).toBe(false);
  });

  it('is not written over another without being asked', async () => {
    const path = await save();
    const again = { config, lora, adapters: { ...base, ...adapters } };
    await expect(saveAdapter(path, again)).rejects.toThrow(/is there already/);
    await saveAdapter(path, again, { replace: true, storage: 'bf16' });
    const { adapters: rounded } = await loadAdapter(path, config);
    const name = 'layers.0.q.loraA';
    rounded[name]!.data.forEach((x: number, i: number) =>
      expect(x).toBeCloseTo(adapters[name]!.data[i]!, 2),
    );
  });
});
