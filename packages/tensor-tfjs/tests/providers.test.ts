import { EngineUnavailableError } from '@spark-rl/core';
import { defaultAdamW, referenceEngine, type EngineProvider } from '@spark-rl/tensor';

import { tfjsCpu, tfjsNode, tfjsNodeGpu, tfjsWasm } from '../src/index.js';
import { tf } from './support/engines.js';
import { tinyExperience, tinyLoss, tinyWeights } from './support/tiny-transformer.js';

const failing = (error: Error) => () => Promise.reject(error);
const notFound = (name: string, code: string): Error =>
  Object.assign(new Error(`Cannot find module '${name}' imported from here`), { code });
const missingBinding = new Error(
  "The Node.js native addon module (tfjs_binding.node) can not be found at path: /x/tfjs_binding.node. \nPlease run command 'npm rebuild'",
);

async function refusal(provider: EngineProvider): Promise<EngineUnavailableError> {
  const error: unknown = await provider.open().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineUnavailableError);
  return error as EngineUnavailableError;
}

describe.each([
  ['@tensorflow/tfjs-node-gpu', tfjsNodeGpu],
  ['@tensorflow/tfjs-node', tfjsNode],
] as const)('%s', (name, provider) => {
  it.each(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'])(
    'not installed (%s) is unavailable, with what to install',
    async (code) => {
      const error = await refusal(provider({ load: failing(notFound(name, code)) }));
      expect(error.code).toBe('engine-unavailable');
      expect(error.message).toContain(`${name} is not installed`);
      expect(error.remedy).toContain(`npm install ${name}@4.22.0`);
      expect(error.remedy).toContain('TFJS_NODE_CDN_STORAGE');
      expect(error.remedy).toContain('TFJS_NODE_BASE_URI');
    },
  );

  it('installed without its native library is unavailable, with the reason', async () => {
    const error = await refusal(provider({ load: failing(missingBinding) }));
    expect(error.message).toContain('without its native library');
    expect(error.remedy).toContain('install script');
    expect(error.cause).toBe(missingBinding);
  });

  it('that fails in any other way says how, in one line', async () => {
    const deeper = notFound('@mapbox/node-pre-gyp', 'MODULE_NOT_FOUND');
    const error = await refusal(provider({ load: failing(deeper) }));
    expect(error.message).toContain(`${name} cannot be loaded (Cannot find module '@mapbox`);
  });

  it('that is something else is refused', async () => {
    const error = await refusal(provider({ load: () => Promise.resolve({ default: 1 }) }));
    expect(error.message).toContain('not TensorFlow.js');
  });
});

it('the remedy for tfjs-node-gpu names what its GPU needs', async () => {
  const load = failing(notFound('@tensorflow/tfjs-node-gpu', 'MODULE_NOT_FOUND'));
  expect((await refusal(tfjsNodeGpu({ load }))).remedy).toContain('CUDA 11.2 and cuDNN 8.1');
});

it('without an injected loader the native packages are looked up by name', async () => {
  // In this repository neither is installed; where one is, opening it must work.
  for (const provider of [tfjsNodeGpu(), tfjsNode()]) {
    const opened = await provider.open().catch((error: unknown) => error);
    if (opened instanceof Error) expect(opened).toBeInstanceOf(EngineUnavailableError);
    else expect(opened).toHaveProperty('id', provider.id);
  }
});

describe('with a namespace object that has the backend of tfjs-node', () => {
  const native = () => tf.backend() as { isUsingGpuDevice?: boolean };
  // Node gives the exports of a CommonJS package as `default`.
  const load = () => Promise.resolve({ default: tf });

  beforeAll(async () => {
    // The cpu backend under the other name stands in for the native library.
    const backend = Object.assign(await tf.findBackendFactory('cpu')(), { firstUse: false });
    tf.registerBackend('tensorflow', () => backend);
    tf.copyRegisteredKernels('cpu', 'tensorflow');
  });

  it('tfjs-node-gpu says whether TensorFlow has a GPU', async () => {
    const without = await tfjsNodeGpu({ load }).open();
    expect(without.device).toContain('no GPU is visible');
    const error = await refusal(tfjsNodeGpu({ load, requireGpu: true }));
    expect(error.message).toContain('sees no GPU');
    native().isUsingGpuDevice = true;
    const engine = await tfjsNodeGpu({ load, requireGpu: true }).open();
    expect(engine.id).toBe('tfjs-node-gpu');
    expect(engine.device).toContain('NVIDIA GPU');
    expect(engine.batchInvariant).toBe(false);
  });

  it.each([
    ['tfjs-node-gpu', tfjsNodeGpu],
    ['tfjs-node', tfjsNode],
  ] as const)('%s trains as the reference does', async (id, provider) => {
    const engine = await provider({ load }).open();
    expect(engine.id).toBe(id);
    const weights = tinyWeights(3);
    const trainer = await engine.compileTraining(tinyLoss, defaultAdamW, weights);
    const expected = await referenceEngine().compileTraining(tinyLoss, defaultAdamW, weights);
    for (let step = 0; step < 3; step++) {
      const batches = [tinyExperience(step, 2, 4)];
      const found = await trainer.step(batches, { learningRate: 0.01 });
      expect(tf.getBackend()).toBe('tensorflow');
      const wanted = await expected.step(batches, { learningRate: 0.01 });
      expect(found.loss).toBeCloseTo(wanted.loss, 4);
      expect(found.gradientNorm).toBeCloseTo(wanted.gradientNorm, 4);
      expect(found.metrics['ratio']).toBeCloseTo(wanted.metrics['ratio']!, 4);
    }
    await engine.dispose();
  });
});

describe('the engines that need nothing', () => {
  it('print nothing', async () => {
    const prints = (['log', 'warn', 'error', 'info'] as const).map((method) =>
      jest.spyOn(console, method).mockImplementation(() => undefined),
    );
    for (const provider of [tfjsCpu(), tfjsWasm()]) {
      const engine = await provider.open();
      const trainer = await engine.compileTraining(tinyLoss, defaultAdamW, tinyWeights(1));
      await trainer.step([tinyExperience(1, 2, 3)], { learningRate: 0.1 });
      await engine.dispose();
    }
    for (const print of prints) {
      expect(print).not.toHaveBeenCalled();
      print.mockRestore();
    }
  });

  it('open more than once', async () => {
    const [first, second] = [await tfjsWasm().open(), await tfjsWasm().open()];
    expect(first.device).toBe('CPU, WebAssembly with SIMD, 1 thread');
    expect(second.device).toBe(first.device);
  });
});
