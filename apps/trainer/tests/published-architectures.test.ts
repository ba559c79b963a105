/**
 * @jest-environment ../../packages/tensor-onnx/tests/shared-arrays-environment.mjs
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  defaultAdamW,
  referenceEngine,
  type Engine,
  type HostTensor,
  type LanguageModel,
  type Named,
} from '@spark-rl/tensor';
import { crossEntropyLoss } from '@spark-rl/sft-warmup';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { tfjsWasm } from '@spark-rl/tensor-tfjs';
import {
  decoderTransformer,
  initializeAdapters,
  initializeParameters,
  loadAdapter,
  loadHuggingFaceModel,
  loadTokenizer,
  loraTransformer,
  saveAdapter,
  saveHuggingFaceModel,
  trainTokenizer,
  transformerConfig,
  type TransformerConfig,
  type TransformerOptions,
} from '@spark-rl/transformer-policy';

/** The published architectures in small, on the engines that train and sample: saved, loaded, held to float64, and trained on. */
const tokenizer = loadTokenizer(trainTokenizer(['take the mug 1'], { vocabularySize: 260 }));
const common: TransformerOptions = {
  vocabularySize: 264,
  contextLength: 24,
  layers: 2,
  width: 32,
  heads: 4,
  keyValueHeads: 2,
  hiddenWidth: 48,
};
const architectures: readonly (readonly [string, TransformerConfig])[] = [
  ['Qwen2', transformerConfig({ ...common, qkvBias: true, ropeBase: 1e6 })],
  ['Qwen3', transformerConfig({ ...common, headDim: 12, queryKeyNorm: true, ropeBase: 1e6 })],
  [
    'Llama 3',
    transformerConfig({
      ...common,
      keyValueHeads: 1,
      tiedHead: false,
      ropeBase: 500,
      ropeScaling: {
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContextLength: 16,
      },
    }),
  ],
];
const engines = [
  ['onnx-cpu', onnxCpu({ threads: 1 })],
  ['tfjs-wasm', tfjsWasm()],
] as const;

const folders: string[] = [];
afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'spark-rl-'));
  folders.push(path);
  return join(path, 'model');
};

/** Larger than fresh weights, so that every part of the model has a say; biases are not zero. */
const weights = (config: TransformerConfig): Named<HostTensor> =>
  Object.fromEntries(
    Object.entries(initializeParameters(config, ['published'])).map(([name, tensor]) => [
      name,
      {
        ...tensor,
        data: Float32Array.from(tensor.data, (x, i) =>
          name.endsWith('Bias') ? Math.cos(i) / 4 : name.endsWith('Norm') ? x : 8 * x,
        ),
      } as HostTensor,
    ]),
  );

const ROWS = 3;
const TIME = 12;
const tokensOf = (step: number): Int32Array =>
  Int32Array.from({ length: ROWS * TIME }, (_, i) => (7 * i + 31 * step + i * i) % 264);

function batch(model: LanguageModel, step: number): Named<HostTensor> {
  const tokens = tokensOf(step);
  const at = [...tokens.keys()].filter((i) => i % TIME < TIME - 1);
  return {
    ...model.prepare(tokens, ROWS, TIME),
    targetPositions: { dtype: 'int32', shape: [at.length], data: Int32Array.from(at) },
    targetTokens: {
      dtype: 'int32',
      shape: [at.length],
      data: Int32Array.from(at, (i) => tokens[i + 1]!),
    },
    weight: {
      dtype: 'float32',
      shape: [at.length],
      data: new Float32Array(at.length).fill(1 / at.length),
    },
  };
}

async function logits(
  engine: Engine,
  config: TransformerConfig,
  parameters: Named<HostTensor>,
): Promise<Float32Array> {
  const model = decoderTransformer(config);
  const program = await engine.compile({
    name: 'logits',
    parameters: model.parameters,
    inputs: { ...model.inputs, at: { dtype: 'int32', shape: ['n'] } },
    run: (ops, p, x) => ({ logits: model.logits(ops, p, x, x['at']!) }),
  });
  const held = engine.parameters(parameters);
  const at = Int32Array.from({ length: ROWS * TIME }, (_, i) => i);
  const found = await program.run(held, {
    ...model.prepare(tokensOf(0), ROWS, TIME),
    at: { dtype: 'int32', shape: [at.length], data: at },
  });
  held.dispose();
  program.dispose();
  return found['logits']!.data as Float32Array;
}

describe.each(engines)('on %s', (_, provider) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await provider.open();
  });
  afterAll(() => engine.dispose());

  it.each(architectures)(
    '%s has the logits of float64 to 1e-4, saved and loaded',
    async (_name, config) => {
      const path = folder();
      const parameters = weights(config);
      await saveHuggingFaceModel(path, { config, parameters, tokenizer }, { shardBytes: 20_000 });
      const loaded = await loadHuggingFaceModel(path);
      expect(loaded.config).toEqual(config);
      const found = await logits(engine, loaded.config, loaded.parameters);
      const expected = await logits(referenceEngine(), config, parameters);
      const size = Math.max(...expected.map(Math.abs));
      const away = Math.max(...expected.map((value, i) => Math.abs(value - found[i]!)));
      expect(size).toBeGreaterThan(0.5);
      expect(away / size).toBeLessThan(1e-4);
    },
  );

  it.each(architectures)(
    '%s trains on after saving and loading, to the bit',
    async (_name, config) => {
      const model = decoderTransformer(config);
      const loss = crossEntropyLoss(model);
      const trainer = await engine.compileTraining(loss, defaultAdamW, weights(config));
      const step = async (using: typeof trainer, number: number): Promise<number> =>
        (await using.step([batch(model, number)], { learningRate: 1e-2 })).loss;
      for (let number = 0; number < 3; number++) await step(trainer, number);
      const snapshot = await trainer.snapshot();
      const path = folder();
      await saveHuggingFaceModel(path, { config, parameters: snapshot.parameters, tokenizer });
      const { parameters } = await loadHuggingFaceModel(path);
      const continued = await engine.compileTraining(loss, defaultAdamW, {
        ...snapshot,
        parameters,
      });
      const [through, again]: number[][] = [[], []];
      for (let number = 3; number < 6; number++) {
        through!.push(await step(trainer, number));
        again!.push(await step(continued, number));
      }
      expect(again).toEqual(through);
      expect(new Set(through).size).toBe(3);
      trainer.dispose();
      continued.dispose();
    },
  );

  it('adapters train on after saving and loading, to the bit, and follow float64', async () => {
    const [[, config]] = architectures as [(typeof architectures)[number]];
    const lora = { rank: 4, alpha: 8 };
    const model = loraTransformer(config, lora);
    const loss = crossEntropyLoss(model);
    const base = weights(config);
    const start = { ...base, ...initializeAdapters(config, lora, ['published']) };
    const trainer = await engine.compileTraining(loss, defaultAdamW, start);
    const reference = await referenceEngine().compileTraining(loss, defaultAdamW, start);
    const step = async (using: typeof trainer, number: number): Promise<number> =>
      (await using.step([batch(model, number % 2)], { learningRate: 1e-2 })).loss;
    for (let number = 0; number < 4; number++) {
      const expected = await step(reference, number);
      expect(Math.abs((await step(trainer, number)) - expected)).toBeLessThan(1e-3);
    }
    const snapshot = await trainer.snapshot();
    const adapters = Object.fromEntries(
      Object.entries(snapshot.parameters).filter(([name]) => !(name in base)),
    );
    const path = folder();
    await saveAdapter(path, { config, lora, adapters });
    const loaded = await loadAdapter(path, config);
    const continued = await engine.compileTraining(loss, defaultAdamW, {
      ...snapshot,
      parameters: { ...base, ...loaded.adapters },
    });
    for (let number = 4; number < 7; number++)
      expect(await step(continued, number)).toBe(await step(trainer, number));
    for (const each of [trainer, continued, reference]) each.dispose();
  });
});
