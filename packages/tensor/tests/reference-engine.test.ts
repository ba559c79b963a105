import { InvalidInputError, randomSource } from '@spark-rl/core';

import {
  defaultAdamW,
  float64Ops,
  fromHost,
  graphEngine,
  interpret,
  referenceEngine,
  toHost,
  type CompiledGraph,
  type Engine,
  type Float64Tensor,
  type Graph,
  type HostTensor,
  type LossProgram,
  type Named,
  type TensorProgram,
} from '../src/index.js';

const float = (shape: readonly number[], ...values: number[]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});

const line: TensorProgram = {
  name: 'line',
  parameters: { w: [2, 1], b: [1] },
  inputs: { x: { dtype: 'float32', shape: ['n', 2] } },
  run: (ops, p, x) => ({ y: ops.add(ops.matMul(x['x']!, p['w']!), p['b']!) }),
};
const squares: LossProgram = {
  ...line,
  name: 'squares',
  inputs: {
    ...line.inputs,
    y: { dtype: 'float32', shape: ['n', 1] },
    share: { dtype: 'float32', shape: [] },
  },
  run: (ops, p, x) => {
    const difference = ops.sub(line.run(ops, p, x)['y']!, x['y']!);
    const loss = ops.mul(ops.sum(ops.mul(difference, difference), [0, 1]), x['share']!);
    return { loss, metrics: { error: ops.sum(ops.abs(difference), [0, 1]) } };
  },
};
const start = { w: float([2, 1], 0.5, -0.5), b: float([1], 0) };
const batch = (n: number, share: number, seed: number): Named<HostTensor> => {
  const source = randomSource(['line', seed]);
  const x = Array.from({ length: 2 * n }, () => source.normal());
  const y = Array.from({ length: n }, (_, i) => 2 * x[2 * i]! - x[2 * i + 1]! + 0.5);
  return { x: float([n, 2], ...x), y: float([n, 1], ...y), share: float([], share) };
};

describe('a frozen parameter', () => {
  const frozen: LossProgram = { ...squares, frozen: ['b'] };

  it('stays, has no moments, and leaves the others as if it were an input', async () => {
    const engine = referenceEngine();
    const from = { ...start, b: float([1], 0.25) };
    const trainer = await engine.compileTraining(frozen, defaultAdamW, from);
    // The same loss with b as a constant.
    const bare = await engine.compileTraining(
      {
        ...squares,
        parameters: { w: [2, 1] },
        run: (ops, p, x) => squares.run(ops, { ...p, b: ops.constant([0.25], [1]) }, x),
      },
      defaultAdamW,
      { w: start.w },
    );
    for (const batches of [[batch(3, 1, 1)], [batch(2, 0.5, 2), batch(4, 0.5, 3)]]) {
      const report = await trainer.step(batches, { learningRate: 0.1 });
      expect(await bare.step(batches, { learningRate: 0.1 })).toEqual(report);
    }
    const snapshot = await trainer.snapshot();
    expect(snapshot.parameters).toEqual({ ...(await bare.snapshot()).parameters, b: from.b });
    expect(snapshot.parameters['w']).not.toEqual(start.w);
    expect(Object.keys(snapshot.firstMoments)).toEqual(['w']);
    const continued = await engine.compileTraining(frozen, defaultAdamW, snapshot);
    const next = [batch(3, 1, 9)];
    expect(await continued.step(next, { learningRate: 0.1 })).toEqual(
      await trainer.step(next, { learningRate: 0.1 }),
    );
  });

  it('must be a parameter, and not the last one', async () => {
    const compile = (names: readonly string[]) =>
      referenceEngine().compileTraining({ ...squares, frozen: names }, defaultAdamW, start);
    await expect(compile(['c'])).rejects.toThrow(/the frozen c is not a parameter/);
    await expect(compile(['w', 'b'])).rejects.toThrow(/no parameter is left/);
  });
});

describe('the reference engine', () => {
  it('computes a program at any size', async () => {
    const engine = referenceEngine();
    const program = await engine.compile(line);
    const parameters = engine.parameters(start);
    const one = await program.run(parameters, { x: float([1, 2], 3, 1) });
    expect(one['y']).toEqual(float([1, 1], 1));
    const two = await program.run(parameters, { x: float([2, 2], 3, 1, 0, 2) });
    expect(two['y']).toEqual(float([2, 1], 1, -1));
    expect(await parameters.read()).toEqual(start);
  });

  it('learns a line', async () => {
    const trainer = await referenceEngine().compileTraining(
      squares,
      { ...defaultAdamW, weightDecay: 0 },
      start,
    );
    for (let step = 0; step < 300; step++)
      await trainer.step([batch(8, 1 / 8, step)], { learningRate: 0.05 });
    const { w, b } = await trainer.parameters().read();
    expect(w!.data[0]).toBeCloseTo(2, 2);
    expect(w!.data[1]).toBeCloseTo(-1, 2);
    expect(b!.data[0]).toBeCloseTo(0.5, 2);
  });

  it('adds micro-batches of different sizes up to the step of one batch', async () => {
    const whole = batch(7, 1 / 7, 1);
    const part = (from: number, to: number): Named<HostTensor> => ({
      x: float([to - from, 2], ...whole['x']!.data.slice(2 * from, 2 * to)),
      y: float([to - from, 1], ...whole['y']!.data.slice(from, to)),
      share: float([], 1 / 7),
    });
    const engine = referenceEngine();
    const [one, many] = [
      await engine.compileTraining(squares, defaultAdamW, start),
      await engine.compileTraining(squares, defaultAdamW, start),
    ];
    const expected = await one.step([whole], { learningRate: 0.1 });
    const report = await many.step([part(0, 3), part(3, 4), part(4, 7)], { learningRate: 0.1 });
    expect(report.loss).toBeCloseTo(expected.loss, 5);
    expect(report.gradientNorm).toBeCloseTo(expected.gradientNorm, 4);
    expect(report.metrics['error']).toBeCloseTo(expected.metrics['error']!, 5);
    const [a, b] = [await one.parameters().read(), await many.parameters().read()];
    a['w']!.data.forEach((value, i) => expect(b['w']!.data[i]).toBeCloseTo(value, 5));
  });

  it('takes steps one after the other, also when they are asked for at once', async () => {
    const engine = referenceEngine();
    const [atOnce, inTurn] = [
      await engine.compileTraining(squares, defaultAdamW, start),
      await engine.compileTraining(squares, defaultAdamW, start),
    ];
    const steps = [1, 2, 3].map((seed) => [batch(4, 1, seed)]);
    const found = await Promise.all(steps.map((step) => atOnce.step(step, { learningRate: 0.1 })));
    for (const [i, step] of steps.entries())
      expect(found[i]).toEqual(await inTurn.step(step, { learningRate: 0.1 }));
    expect(await atOnce.snapshot()).toEqual(await inTurn.snapshot());
  });

  it.each([NaN, Infinity, -1])(
    'refuses the learning rate %s, and keeps the weights',
    async (learningRate) => {
      const trainer = await referenceEngine().compileTraining(squares, defaultAdamW, start);
      await expect(trainer.step([batch(4, 1, 1)], { learningRate })).rejects.toMatchObject({
        field: 'learningRate',
      });
      expect(await trainer.parameters().read()).toEqual(start);
    },
  );

  it('ends what was asked for before it was disposed of, and takes no more', async () => {
    const trainer = await referenceEngine().compileTraining(squares, defaultAdamW, start);
    const running = trainer.step([batch(4, 1, 1)], { learningRate: 0.1 });
    trainer.dispose();
    expect((await running).applied).toBe(true);
    await expect(trainer.step([batch(4, 1, 1)], { learningRate: 0.1 })).rejects.toThrow(
      /disposed of/,
    );
    await expect(trainer.snapshot()).rejects.toThrow(/disposed of/);
  });

  it('continues from a snapshot to the bit, and old weights stay as they were', async () => {
    const engine = referenceEngine();
    const trainer = await engine.compileTraining(squares, defaultAdamW, start);
    await trainer.step([batch(4, 1, 1)], { learningRate: 0.1 });
    const before = trainer.parameters();
    const kept = await before.read();
    const snapshot = await trainer.snapshot();
    expect(snapshot.step).toBe(1);
    const continued = await engine.compileTraining(squares, defaultAdamW, snapshot);
    const again = await continued.step([batch(4, 1, 2)], { learningRate: 0.1 });
    expect(again).toEqual(await trainer.step([batch(4, 1, 2)], { learningRate: 0.1 }));
    expect(await continued.snapshot()).toEqual(await trainer.snapshot());
    expect(await before.read()).toEqual(kept);
  });

  it('changes nothing when the gradient is not finite', async () => {
    const trainer = await referenceEngine().compileTraining(squares, defaultAdamW, start);
    const report = await trainer.step([batch(4, NaN, 1)], { learningRate: 0.1 });
    expect(report.applied).toBe(false);
    const snapshot = await trainer.snapshot();
    expect(snapshot.step).toBe(0);
    expect(snapshot.parameters).toEqual(start);
  });

  it('names what is wrong', async () => {
    const engine = referenceEngine();
    const program = await engine.compile(line);
    const parameters = engine.parameters(start);
    const x = float([1, 2], 1, 2);
    const run = (inputs: Named<HostTensor>) => program.run(parameters, inputs);
    await expect(run({})).rejects.toThrow(/x is missing/);
    await expect(run({ x, z: x })).rejects.toThrow(/z is not known/);
    await expect(
      run({ x: { dtype: 'int32', shape: [1, 2], data: Int32Array.of(1, 2) } }),
    ).rejects.toThrow(/x is of type int32, expected float32/);
    await expect(run({ x: float([1, 3], 1, 2, 3) })).rejects.toThrow(
      /x has the shape \[1, 3\], expected \[n, 2\]/,
    );
    await expect(run({ x: float([2, 2], 1, 2) })).rejects.toThrow(/x has 2 values/);
    await expect(program.run(engine.parameters({ w: start.w }), { x })).rejects.toThrow(
      /b is missing/,
    );
    await expect(
      program.run(engine.parameters({ ...start, b: float([2], 0, 0) }), { x }),
    ).rejects.toThrow(/b has the shape \[2\]/);
    await expect(program.run(referenceEngine().parameters(start), { x })).rejects.toThrow(
      InvalidInputError,
    );
    parameters.dispose();
    await expect(run({ x })).rejects.toThrow(/does not hold/);

    const trainer = await engine.compileTraining(squares, defaultAdamW, start);
    await expect(trainer.step([], { learningRate: 1 })).rejects.toThrow(/no micro-batch/);
    const uneven = { ...batch(3, 1, 1), y: float([2, 1], 1, 2) };
    await expect(trainer.step([uneven], { learningRate: 1 })).rejects.toThrow(
      /y has the shape \[2, 1\], expected \[n, 1\], here \[3, 1\]/,
    );
    await expect(
      engine.compileTraining(squares, { ...defaultAdamW, beta1: 2 }, start),
    ).rejects.toThrow(/beta1/);
    await expect(engine.compileTraining(squares, defaultAdamW, { w: start.w })).rejects.toThrow(
      /b is missing/,
    );
  });
});

describe('a graph that could not be compiled', () => {
  /** The float64 backend, of which the first `failures` compilations of a graph with this name fail. */
  const failing = (name: string, failures: number): Engine => {
    let left = failures;
    const compile = (
      graph: Graph,
      weights: Named<Float64Tensor> = {},
    ): Promise<CompiledGraph<Float64Tensor>> =>
      graph.name === name && left-- > 0
        ? Promise.reject(new Error('out of memory'))
        : Promise.resolve({
            run: (inputs) =>
              Promise.resolve(interpret(graph, float64Ops, { ...inputs, ...weights })),
            dispose: () => undefined,
          });
    return graphEngine<Float64Tensor>({
      id: 'failing',
      device: 'none',
      batchInvariant: true,
      fromHost,
      toHost,
      shapeOf: (tensor) => tensor.shape,
      compile,
      compileWithParameters: compile,
      dispose: () => Promise.resolve(),
    });
  };

  it('is compiled again at the next run of a program', async () => {
    const engine = failing('line', 1);
    const program = await engine.compile(line);
    const parameters = engine.parameters(start);
    const run = () => program.run(parameters, { x: float([1, 2], 3, 1) });
    await expect(run()).rejects.toThrow('out of memory');
    expect((await run())['y']!.data[0]).toBe(1);
    parameters.dispose();
  });

  it('is compiled again at the next step', async () => {
    const trainer = await failing('squares gradients', 1).compileTraining(
      squares,
      defaultAdamW,
      start,
    );
    const step = () => trainer.step([batch(2, 0.5, 1), batch(2, 0.5, 2)], { learningRate: 0.1 });
    await expect(step()).rejects.toThrow('out of memory');
    expect((await step()).applied).toBe(true);
    trainer.dispose();
  });
});
