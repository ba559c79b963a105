import { randomSource } from '@spark-rl/core';
import {
  defaultAdamW,
  referenceEngine,
  type Engine,
  type HostTensor,
  type LossProgram,
  type Named,
  type Shape,
  type TensorOps,
} from '@spark-rl/tensor';

import { onnxCpu } from '../src/index.js';

type Build = <T>(ops: TensorOps<T>, a: T, b: T, i: T) => T;

/** Every operation, on a [batch, time, 4], b [4], and int i [batch, time] in [0, 4). */
const operations: Named<Build> = {
  add: (ops, a, b) => ops.add(a, b),
  sub: (ops, a, b) => ops.sub(b, a),
  mul: (ops, a, b) => ops.mul(a, b),
  div: (ops, a, b) => ops.div(b, ops.add(ops.abs(a), ops.constant(0.5))),
  minimum: (ops, a, b) => ops.minimum(a, b),
  maximum: (ops, a, b) => ops.maximum(a, b),
  'neg, abs': (ops, a) => ops.neg(ops.abs(a)),
  exp: (ops, a) => ops.exp(a),
  'log, sqrt': (ops, a) => ops.log(ops.sqrt(ops.add(ops.mul(a, a), ops.constant(0.3)))),
  tanh: (ops, a) => ops.tanh(a),
  sigmoid: (ops, a) => ops.sigmoid(a),
  'less, where': (ops, a, b) => ops.where(ops.less(a, b), a, ops.mul(b, b)),
  'lessEqual, toFloat': (ops, a, b) => ops.mul(a, ops.toFloat(ops.lessEqual(a, b))),
  'equal of integers': (ops, a, _b, i) =>
    ops.mul(a, ops.toFloat(ops.reshape(ops.equal(i, i), ['batch', 'time', 1]))),
  'toFloat of integers': (ops, a, _b, i) =>
    ops.mul(a, ops.reshape(ops.toFloat(i), ['batch', 'time', 1])),
  'matMul, shared right': (ops, a, b) =>
    ops.matMul(a, ops.mul(ops.reshape(b, [4, 1]), ops.reshape(b, [1, 4]))),
  'matMul, shared right transposed': (ops, a, b) =>
    ops.matMul(a, ops.mul(ops.reshape(b, [4, 1]), ops.constant([1, 2, 3], [1, 3])), {
      transposeA: false,
    }),
  'matMul, left transposed': (ops, a, b) =>
    ops.matMul(
      ops.transpose(a, [0, 2, 1]),
      ops.mul(ops.reshape(b, [4, 1]), ops.constant([1, 2, 3], [1, 3])),
      { transposeA: true },
    ),
  'matMul, batched': (ops, a) => ops.matMul(a, a, { transposeB: true }),
  'matMul, batched, both transposed': (ops, a) =>
    ops.matMul(a, ops.exp(ops.transpose(a, [0, 2, 1])), { transposeA: true, transposeB: true }),
  'matMul of matrices': (ops, a) =>
    ops.matMul(ops.reshape(a, [-1, 4]), ops.reshape(a, [-1, 4]), { transposeA: true }),
  'reshape, transpose': (ops, a) =>
    ops.transpose(ops.reshape(a, ['batch', 'time', 2, 2]), [0, 2, 1, 3]),
  concat: (ops, a) => ops.concat([a, ops.exp(a)], 1),
  slice: (ops, a) => ops.mul(ops.slice(a, -1, 1, 3), ops.slice(a, -1, 0, 2)),
  gather: (ops, a, _b, i) => ops.gather(ops.reshape(a, [-1, 4]), i),
  'gather of a table': (ops, _a, b, i) => ops.gather(ops.reshape(b, [4, 1]), i),
  oneHot: (ops, a, _b, i) => ops.mul(a, ops.oneHot(i, 4)),
  'oneHot outside': (ops, a, _b, i) =>
    ops.sum(ops.mul(ops.slice(a, 2, 0, 2), ops.oneHot(i, 2)), [2]),
  'sum of the rows': (ops, a) => ops.sum(a, [-1], true),
  'sum of named axes': (ops, a) => ops.sum(a, [0, 1]),
  'mean of the rows': (ops, a) => ops.mean(a, [2]),
  'mean of named axes': (ops, a) => ops.mean(a, [0, 1], true),
  max: (ops, a) => ops.max(a, [1]),
  softmax: (ops, a) => ops.softmax(a),
  logSoftmax: (ops, a) => ops.logSoftmax(a),
  stopGradient: (ops, a) => ops.mul(ops.stopGradient(a), a),
};

/** sum(sin-like weights * result): the weights keep symmetric errors apart. The float input is a parameter too, so it gets a gradient. */
function programOf(name: string, build: Build): LossProgram {
  return {
    name,
    parameters: { scale: [1], b: [4] },
    inputs: {
      a: { dtype: 'float32', shape: ['batch', 'time', 4] },
      i: { dtype: 'int32', shape: ['batch', 'time'] },
    },
    run: (ops, p, x) => {
      const y = build(ops, ops.mul(x['a']!, p['scale']!), p['b']!, x['i']!);
      const axes = ops.shapeOf(y).map((_, axis) => axis);
      return {
        loss: ops.sum(ops.mul(y, ops.tanh(ops.add(y, ops.constant(0.3)))), axes),
        metrics: { total: ops.sum(y, axes) },
      };
    },
  };
}

function inputsOf(name: string, batch: number, time: number): Named<HostTensor> {
  const source = randomSource(['operations', name, batch, time]);
  return {
    a: {
      dtype: 'float32',
      shape: [batch, time, 4],
      data: Float32Array.from({ length: batch * time * 4 }, () => source.normal()),
    },
    i: {
      dtype: 'int32',
      shape: [batch, time],
      data: Int32Array.from({ length: batch * time }, () => source.integer(4)),
    },
  };
}

function expectClose(found: HostTensor, expected: HostTensor): void {
  expect(found.shape).toEqual(expected.shape);
  const scale = Math.max(1, ...expected.data.map(Math.abs));
  expected.data.forEach((value, i) =>
    expect(Math.abs(found.data[i]! - value) / scale).toBeLessThan(2e-5),
  );
}

describe('each operation agrees with the float64 reference', () => {
  let engine: Engine;
  const reference = referenceEngine();
  const start: Named<HostTensor> = {
    scale: { dtype: 'float32', shape: [1], data: Float32Array.of(1.1) },
    b: { dtype: 'float32', shape: [4], data: Float32Array.of(0.5, -1, 0.25, 2) },
  };
  beforeAll(async () => {
    engine = await onnxCpu({ threads: 2 }).open();
  });
  afterAll(() => engine.dispose());

  it.each(Object.keys(operations))('%s: value and gradient, at several sizes', async (name) => {
    const program = programOf(name, operations[name]!);
    // With beta1 = 0, beta2 = 0 and no clipping the first moment after a step is the gradient.
    const bare = { ...defaultAdamW, beta1: 0, beta2: 0, maxGradientNorm: Infinity, weightDecay: 0 };
    const [found, expected] = [
      await engine.compileTraining(program, bare, start),
      await reference.compileTraining(program, bare, start),
    ];
    for (const [batch, time] of [
      [2, 3],
      [1, 4],
      [3, 5],
    ] as const) {
      const inputs = inputsOf(name, batch, time);
      const [report, wanted] = [
        await found.step([inputs], { learningRate: 0 }),
        await expected.step([inputs], { learningRate: 0 }),
      ];
      expect(Math.abs(report.loss - wanted.loss)).toBeLessThan(
        2e-5 * Math.max(1, Math.abs(wanted.loss)),
      );
      expect(Math.abs(report.metrics['total']! - wanted.metrics['total']!)).toBeLessThan(1e-4);
      const [gradients, right] = [
        (await found.snapshot()).firstMoments,
        (await expected.snapshot()).firstMoments,
      ];
      for (const key of Object.keys(start)) expectClose(gradients[key]!, right[key]!);
    }
    found.dispose();
  });

  it('joins along a named axis, also when a part is empty', async () => {
    const shape: Shape = ['batch', 'past', 2];
    const program = await engine.compile({
      name: 'join',
      parameters: {},
      inputs: {
        past: { dtype: 'float32', shape },
        x: { dtype: 'float32', shape: ['batch', 'time', 2] },
      },
      run: (ops, _p, x) => {
        const all = ops.concat([x['past']!, x['x']!], 1);
        return { all, flat: ops.reshape(all, [-1, 2]), mean: ops.mean(all, [0, 1]) };
      },
    });
    const tensor = (past: number): HostTensor => ({
      dtype: 'float32',
      shape: [2, past, 2],
      data: Float32Array.from({ length: 4 * past }, (_, i) => i),
    });
    const none = await program.run(engine.parameters({}), { past: tensor(0), x: tensor(1) });
    expect(none['all']).toEqual(tensor(1));
    const some = await program.run(engine.parameters({}), { past: tensor(2), x: tensor(1) });
    expect([...some['flat']!.data]).toEqual([0, 1, 2, 3, 0, 1, 4, 5, 6, 7, 2, 3]);
    expect([...some['mean']!.data]).toEqual([14 / 6, 20 / 6].map(Math.fround));
  });
});
