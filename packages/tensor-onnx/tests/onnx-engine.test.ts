import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { InvalidInputError } from '@spark-rl/core';
import {
  defaultAdamW,
  referenceEngine,
  type Engine,
  type HostTensor,
  type LossProgram,
  type Named,
} from '@spark-rl/tensor';

import { onnxCpu } from '../src/index.js';
import {
  decode,
  decoderBatch,
  decoderInputs,
  decoderLoss,
  decoderParameters,
  decoderWeights,
} from './decoder-program.js';

const size = { width: 16, layers: 2, heads: 2, vocabulary: 32, context: 8 };
const loss = decoderLoss(size);
const weights = decoderWeights(size);
const rate = { learningRate: 1e-2 };

function largestDifference(a: Named<HostTensor>, b: Named<HostTensor>): number {
  const differences = Object.entries(a).map(([name, { data }]) => {
    const other = b[name]!.data;
    return Math.max(...Array.from(data, (value, i) => Math.abs(value - other[i]!)));
  });
  return Math.max(...differences);
}

describe('training a small transformer on ONNX Runtime', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await onnxCpu({ threads: 2 }).open();
  });
  afterAll(() => engine.dispose());

  it('says what it is', () => {
    expect(engine.id).toBe('onnx-cpu');
    expect(engine.device).toMatch(/CPU, 2 threads, ONNX Runtime \d/);
    expect(engine.batchInvariant).toBe(true);
  });

  it('makes the same steps as the float64 reference', async () => {
    const [ours, reference] = [
      await engine.compileTraining(loss, defaultAdamW, weights),
      await referenceEngine().compileTraining(loss, defaultAdamW, weights),
    ];
    for (const [batch, time] of [
      [4, 8],
      [2, 5],
      [3, 8],
    ] as const) {
      const inputs = decoderBatch(size, batch, time);
      const [found, expected] = [
        await ours.step([inputs], rate),
        await reference.step([inputs], rate),
      ];
      expect(found.applied).toBe(true);
      expect(found.metrics).toEqual(expected.metrics);
      expect(found.loss).toBeCloseTo(expected.loss, 5);
      expect(found.gradientNorm).toBeCloseTo(expected.gradientNorm, 5);
    }
    const [found, expected] = [await ours.snapshot(), await reference.snapshot()];
    expect(largestDifference(found.firstMoments, expected.firstMoments)).toBeLessThan(1e-6);
    expect(largestDifference(found.secondMoments, expected.secondMoments)).toBeLessThan(1e-7);
    ours.dispose();
  });

  it('adds micro-batches of different lengths up to the step of one batch', async () => {
    const parts = [decoderBatch(size, 1, 8, 1), decoderBatch(size, 3, 8, 2)];
    const joined = (name: string): HostTensor => ({
      dtype: 'int32',
      shape: [4, 8],
      data: Int32Array.from(parts.flatMap((part) => [...part[name]!.data])),
    });
    const scale: HostTensor = { dtype: 'float32', shape: [], data: Float32Array.of(1 / 32) };
    const whole = { ...parts[0], tokens: joined('tokens'), targets: joined('targets'), scale };
    const [one, many] = [
      await engine.compileTraining(loss, defaultAdamW, weights),
      await engine.compileTraining(loss, defaultAdamW, weights),
    ];
    const expected = await one.step([whole], rate);
    const found = await many.step(
      parts.map((part) => ({ ...part, scale })),
      rate,
    );
    expect(found.loss).toBeCloseTo(expected.loss, 5);
    expect(found.gradientNorm).toBeCloseTo(expected.gradientNorm, 5);
    expect(found.metrics).toEqual(expected.metrics);
    const [a, b] = [await one.snapshot(), await many.snapshot()];
    expect(largestDifference(a.firstMoments, b.firstMoments)).toBeLessThan(1e-6);
    const shorter = await many.step(
      [
        { ...decoderBatch(size, 2, 4), scale },
        { ...decoderBatch(size, 1, 7), scale },
      ],
      rate,
    );
    expect(shorter.applied).toBe(true);
    one.dispose();
    many.dispose();
  });

  it('continues from a snapshot to the bit, with one and with several micro-batches', async () => {
    const trainer = await engine.compileTraining(loss, defaultAdamW, weights);
    await trainer.step([decoderBatch(size, 4, 8, 1)], rate);
    const continued = await engine.compileTraining(loss, defaultAdamW, await trainer.snapshot());
    for (const batches of [[2], [3, 4], [5]]) {
      const inputs = batches.map((seed) => decoderBatch(size, 4, 8, seed));
      expect(await continued.step(inputs, rate)).toEqual(await trainer.step(inputs, rate));
    }
    const [a, b] = [await trainer.snapshot(), await continued.snapshot()];
    expect(a.step).toBe(4);
    expect(b).toEqual(a);
    trainer.dispose();
    continued.dispose();
  });

  it('keeps weights that were handed out as they were', async () => {
    const mine = decoderWeights(size);
    const trainer = await engine.compileTraining(loss, defaultAdamW, mine);
    mine['wte']!.data.fill(0);
    const before = trainer.parameters();
    const report = await trainer.step([decoderBatch(size, 4, 8)], rate);
    expect(report.loss).toBeCloseTo(3.48, 1);
    expect(await before.read()).toEqual(weights);
    expect((await trainer.parameters().read())['wte']).not.toEqual(weights['wte']);
    trainer.dispose();
  });

  it('changes nothing when the gradient is not finite', async () => {
    const trainer = await engine.compileTraining(loss, defaultAdamW, weights);
    const broken = {
      ...decoderBatch(size, 2, 8),
      scale: { dtype: 'float32', shape: [], data: Float32Array.of(Infinity) } as HostTensor,
    };
    expect((await trainer.step([broken], rate)).applied).toBe(false);
    expect((await trainer.step([broken, broken], rate)).applied).toBe(false);
    const { step, parameters } = await trainer.snapshot();
    expect(step).toBe(0);
    expect(parameters).toEqual(weights);
    trainer.dispose();
  });

  it('clips the gradient only where asked', async () => {
    const clipped = await engine.compileTraining(
      loss,
      { ...defaultAdamW, maxGradientNorm: 0.1 },
      weights,
    );
    const free = await engine.compileTraining(
      loss,
      { ...defaultAdamW, maxGradientNorm: Infinity },
      weights,
    );
    const [a, b] = [
      await clipped.step([decoderBatch(size, 4, 8)], rate),
      await free.step([decoderBatch(size, 4, 8)], rate),
    ];
    expect(a.gradientNorm).toBe(b.gradientNorm);
    const [small, large] = [
      (await clipped.snapshot()).firstMoments['norm']!,
      (await free.snapshot()).firstMoments['norm']!,
    ];
    small.data.forEach((value, i) =>
      expect(value).toBeCloseTo((large.data[i]! * 0.1) / a.gradientNorm, 7),
    );
    clipped.dispose();
    free.dispose();
  });

  it('serves several sets of weights, and frees them', async () => {
    const { tokens, positions } = decoderInputs;
    const program = await engine.compile({
      name: 'hidden',
      parameters: decoderParameters(size),
      inputs: { tokens: tokens!, positions: positions! },
      run: (ops, p, x) => ({ hidden: decode(ops, size, p, x) }),
    });
    const doubled = Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]): [string, HostTensor] => [
        name,
        {
          dtype: 'float32',
          shape,
          data: Float32Array.from(data, (value) => 2 * value),
        },
      ]),
    );
    const batch = decoderBatch(size, 2, 8);
    const inputs = { tokens: batch['tokens']!, positions: batch['positions']! };
    const sets = [engine.parameters(weights), engine.parameters(doubled)] as const;
    const first = await program.run(sets[0], inputs);
    const second = await program.run(sets[1], inputs);
    expect(second).not.toEqual(first);
    sets[1].dispose();
    await expect(program.run(sets[1], inputs)).rejects.toThrow(InvalidInputError);
    expect(await program.run(sets[0], inputs)).toEqual(first);
    expect(first['hidden']!.shape).toEqual([2, 8, 16]);
  });

  it.each(['slice', 'sum'])('differentiates a %s of what was transposed', async (kind) => {
    // ONNX Runtime moves the transposition over the padding that a slice becomes on the way back, and a sum of short rows has.
    const sliced: LossProgram = {
      name: 'sliced',
      parameters: { x: [2, 3, 4] },
      inputs: { scale: { dtype: 'float32', shape: [] } },
      run: (ops, p, inputs) => {
        const turned = ops.transpose(p['x']!, [2, 0, 1]);
        const both = ops.concat([turned, ops.neg(turned)], 2);
        const part = ops.tanh(
          kind === 'slice' ? ops.slice(both, 2, 1, 3) : ops.sum(ops.tanh(turned), [2], true),
        );
        return { loss: ops.mul(ops.sum(part, [0, 1, 2]), inputs['scale']!), metrics: {} };
      },
    };
    const x: HostTensor = {
      dtype: 'float32',
      shape: [2, 3, 4],
      data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    };
    const step = async (on: Engine): Promise<Named<HostTensor>> => {
      const trainer = await on.compileTraining(sliced, defaultAdamW, { x });
      const scale: HostTensor = { dtype: 'float32', shape: [], data: Float32Array.of(1) };
      await trainer.step([{ scale }], rate);
      return (await trainer.snapshot()).firstMoments;
    };
    const [found, expected] = [await step(engine), await step(referenceEngine())];
    expect(largestDifference(found, expected)).toBeLessThan(1e-6);
    expect(Math.max(...expected['x']!.data)).toBeGreaterThan(0.01);
  });

  it('names what is wrong with its inputs', async () => {
    const trainer = await engine.compileTraining(loss, defaultAdamW, weights);
    const inputs = decoderBatch(size, 2, 8);
    const { tokens, ...rest } = inputs;
    await expect(trainer.step([rest], rate)).rejects.toThrow(/tokens is missing/);
    await expect(trainer.step([{ ...inputs, mask: tokens! }], rate)).rejects.toThrow(
      /mask is not known/,
    );
    await expect(trainer.step([{ ...inputs, scale: tokens! }], rate)).rejects.toThrow(
      /scale is of type int32/,
    );
    const long = { dtype: 'int32', shape: [2, 9], data: new Int32Array(18) } as const;
    await expect(trainer.step([{ ...inputs, tokens: long }], rate)).rejects.toThrow(
      /has the shape \[\d(, \d)?\], expected \[(batch, )?time\]/,
    );
    const outside = { dtype: 'int32', shape: [2, 8], data: new Int32Array(16).fill(32) } as const;
    await expect(trainer.step([{ ...inputs, tokens: outside }], rate)).rejects.toThrow(
      InvalidInputError,
    );
    expect((await trainer.step([inputs], rate)).applied).toBe(true);
    trainer.dispose();
  });

  it('lets go of the results of earlier runs', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const program = await engine.compile({
      name: 'double',
      parameters: {},
      inputs: { x: { dtype: 'float32', shape: ['n'] } },
      run: (ops, _, { x }) => ({ y: ops.add(x!, x!) }),
    });
    const parameters = engine.parameters({});
    const runs: WeakRef<object>[] = [];
    for (let run = 0; run < 5; run++) {
      const x = { dtype: 'float32', shape: [64], data: new Float32Array(64) } as const;
      const { y } = await program.run(parameters, { x });
      runs.push(new WeakRef(y!.data));
    }
    // What a WeakRef was made of lives until the end of its turn.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(runs.slice(0, -1).filter((run) => run.deref() !== undefined)).toEqual([]);
    program.dispose();
    parameters.dispose();
  });

  it('refuses options that make no sense', () => {
    expect(() => onnxCpu({ threads: 0 })).toThrow(/threads/);
  });
});
