import { InvalidInputError } from '@spark-rl/core';
import { defaultAdamW, graphEngine, type Engine } from '@spark-rl/tensor';

import { onnxCpu } from '../src/index.js';
import { onnxBackend } from '../src/onnx-backend.js';
import {
  decode,
  decoderBatch,
  decoderInputs,
  decoderLoss,
  decoderParameters,
  decoderWeights,
} from './decoder-program.js';
import { fakeDevice } from './fake-device.js';

const size = { width: 16, layers: 1, heads: 2, vocabulary: 32, context: 8 };
const loss = decoderLoss(size);
const weights = decoderWeights(size);
const count = Object.keys(weights).length;
const rate = { learningRate: 1e-2 };

describe('on a device that keeps results', () => {
  const device = fakeDevice();
  let engine: Engine;
  let cpu: Engine;
  beforeAll(async () => {
    engine = graphEngine(
      onnxBackend(device.runtime, {
        id: 'fake',
        device: 'a device made of the CPU',
        batchInvariant: false,
        threads: 1,
        session: {},
        keepsResults: true,
        lowering: { composedLogSoftmax: true, narrowIndices: true },
      }),
    );
    cpu = await onnxCpu({ threads: 1 }).open();
  });
  afterAll(async () => {
    await engine.dispose();
    await cpu.dispose();
  });

  it('parameters and moments stay there from the first step on, and as many as before', async () => {
    const trainer = await engine.compileTraining(loss, defaultAdamW, weights);
    expect(device.live()).toBe(3 * count);
    for (let step = 1; step <= 3; step++) {
      await trainer.step([decoderBatch(size, 2, 8, step)], rate);
      expect(device.live()).toBe(3 * count);
      expect(device.uploaded().filter((name) => /parameters|Moments/.test(name))).toEqual([]);
    }
    await trainer.step([decoderBatch(size, 2, 8, 4), decoderBatch(size, 1, 4, 5)], rate);
    expect(device.live()).toBe(3 * count);
    const broken = { dtype: 'float32', shape: [], data: Float32Array.of(NaN) } as const;
    const report = await trainer.step([{ ...decoderBatch(size, 2, 8), scale: broken }], rate);
    expect(report.applied).toBe(false);
    expect(device.live()).toBe(3 * count);
    trainer.dispose();
    trainer.dispose();
    expect(device.live()).toBe(0);
  });

  it('steps give what the CPU gives, also from a snapshot', async () => {
    const [ours, theirs] = [
      await engine.compileTraining(loss, defaultAdamW, weights),
      await cpu.compileTraining(loss, defaultAdamW, weights),
    ];
    for (const seeds of [[1], [2, 3]]) {
      const batches = seeds.map((seed) => decoderBatch(size, 2, 8, seed));
      const [found, expected] = [await ours.step(batches, rate), await theirs.step(batches, rate)];
      expect(found.loss).toBeCloseTo(expected.loss, 5);
      expect(found.gradientNorm).toBeCloseTo(expected.gradientNorm, 5);
    }
    const snapshot = await ours.snapshot();
    const continued = await engine.compileTraining(loss, defaultAdamW, snapshot);
    const next = [decoderBatch(size, 2, 8, 9)];
    expect(await continued.step(next, rate)).toEqual(await ours.step(next, rate));
    expect(snapshot.parameters['qkv.0']!.shape).toEqual([16, 48]);
    for (const trainer of [ours, theirs, continued]) trainer.dispose();
    expect(device.live()).toBe(0);
  });

  it('a trainer that is disposed of while it steps frees all at the end', async () => {
    const trainer = await engine.compileTraining(loss, defaultAdamW, weights);
    const running = trainer.step([decoderBatch(size, 2, 8)], rate);
    trainer.dispose();
    expect((await running).applied).toBe(true);
    expect(device.live()).toBe(0);
  });

  it('weights that were handed out are freed when nobody holds them any more', async () => {
    const trainer = await engine.compileTraining(loss, defaultAdamW, weights);
    const first = trainer.parameters();
    await trainer.step([decoderBatch(size, 2, 8)], rate);
    expect(device.live()).toBe(4 * count);
    expect(await first.read()).toEqual(weights);
    const { tokens, positions } = decoderInputs;
    const program = await engine.compile({
      name: 'hidden',
      parameters: decoderParameters(size),
      inputs: { tokens: tokens!, positions: positions! },
      run: (ops, p, x) => ({ hidden: decode(ops, size, p, x) }),
    });
    const { tokens: t, positions: p } = decoderBatch(size, 2, 8);
    const { hidden } = await program.run(first, { tokens: t!, positions: p! });
    expect(hidden!.data.some((value) => value !== 0)).toBe(true);
    const snapshot = trainer.snapshot();
    trainer.dispose();
    // A snapshot that is under way still has what it reads.
    expect((await snapshot).step).toBe(1);
    expect(device.live()).toBe(count);
    first.dispose();
    first.dispose();
    expect(device.live()).toBe(0);
    await expect(first.read()).rejects.toThrow(InvalidInputError);
    program.dispose();
  });
});
