import { InvalidInputError } from '@spark-rl/core';

import {
  differentiate,
  float64Ops,
  graphBuilder,
  interpret,
  nodesOf,
  trace,
  type GraphNode,
  type TensorProgram,
} from '../src/index.js';

const kindsOf = (...nodes: GraphNode[]): string[] =>
  nodesOf(nodes).map(({ operation }) => operation.kind);

describe('tracing', () => {
  it('gives symbolic shapes', () => {
    const { ops, input } = graphBuilder();
    const x = input('x', { dtype: 'float32', shape: ['batch', 'time', 8] });
    const past = input('past', { dtype: 'float32', shape: ['batch', 'past', 8] });
    expect(ops.reshape(x, [-1, 8]).shape).toEqual(['batch*time', 8]);
    expect(ops.reshape(x, ['batch', 'time', 2, -1]).shape).toEqual(['batch', 'time', 2, 4]);
    expect(ops.reshape(ops.reshape(x, [-1, 8]), ['batch', 'time', 8])).toBe(x);
    expect(ops.concat([past, x], 1).shape).toEqual(['batch', 'past+time', 8]);
    expect(ops.slice(ops.concat([past, x], 1), 1, 'past', 'past+time').shape).toEqual([
      'batch',
      'time',
      8,
    ]);
    expect(ops.matMul(x, x, { transposeB: true }).shape).toEqual(['batch', 'time', 'time']);
    expect(() => ops.add(x, past)).toThrow(/time, 8\] and \[batch, past/);
  });

  it('makes equal nodes once', () => {
    const { ops, input } = graphBuilder();
    const x = input('x', { dtype: 'float32', shape: ['n'] });
    expect(ops.exp(x)).toBe(ops.exp(x));
    expect(ops.constant([1, 2])).toBe(ops.constant(Float32Array.of(1, 2)));
    expect(ops.constant([1, 2])).not.toBe(ops.constant([1, 2], [2, 1]));
    expect(ops.constant(NaN)).not.toBe(ops.constant(Infinity));
    expect(ops.sum(x, [0])).not.toBe(ops.sum(x, [0], true));
  });

  it('drops what does nothing', () => {
    const { ops, input } = graphBuilder();
    const x = input('x', { dtype: 'float32', shape: ['n', 3] });
    const scalar = input('s', { dtype: 'float32', shape: [] });
    expect(ops.mul(x, ops.constant(1))).toBe(x);
    expect(ops.add(ops.constant(0), x)).toBe(x);
    expect(ops.neg(ops.neg(x))).toBe(x);
    expect(ops.transpose(ops.transpose(x, [1, 0]), [1, 0])).toBe(x);
    expect(ops.broadcastTo(x, ['n', 3])).toBe(x);
    expect(kindsOf(ops.mul(x, ops.broadcastTo(scalar, ['n', 3])))).toEqual([
      'input',
      'input',
      'mul',
    ]);
    // A neutral element that widens the result is not neutral.
    expect(ops.mul(scalar, ops.constant([1, 1])).shape).toEqual([2]);
  });

  it('computes what is constant while it traces', () => {
    const { ops, input } = graphBuilder();
    const x = input('x', { dtype: 'float32', shape: ['n', 2] });
    const halves = ops.div(
      ops.exp(ops.constant([0, 0])),
      ops.sub(ops.constant(3), ops.constant(1)),
    );
    const y = ops.mul(x, ops.reshape(halves, [1, 2]));
    expect(kindsOf(y)).toEqual(['input', 'constant', 'mul']);
    expect(y.inputs[1]!.operation).toEqual({ kind: 'constant', values: [0.5, 0.5] });
    expect(y.inputs[1]!.shape).toEqual([1, 2]);
    // A sum that is large is worth its place, a large result is not; what is no float stays as it is.
    const large = ops.constant(new Float32Array(5000).fill(2));
    expect(ops.sum(large, [0]).operation).toEqual({ kind: 'constant', values: [10_000] });
    expect(ops.exp(large).operation.kind).toBe('exp');
    expect(ops.less(ops.constant(1), ops.constant(2)).operation.kind).toBe('less');
  });

  it('checks types', () => {
    const { ops, input } = graphBuilder();
    const x = input('x', { dtype: 'float32', shape: [2] });
    const i = input('i', { dtype: 'int32', shape: [2] });
    expect(() => ops.exp(i)).toThrow(InvalidInputError);
    expect(() => ops.add(x, i)).toThrow(/toFloat/);
    expect(() => ops.gather(x, x)).toThrow(/int32/);
    expect(() => ops.where(x, x, x)).toThrow(/bool/);
    expect(() => input('x', { dtype: 'float32', shape: [3] })).toThrow(/two shapes/);
  });

  it('keeps only the inputs that the outputs need, and refuses bool outputs', () => {
    const program: TensorProgram = {
      name: 'half',
      parameters: { w: [2], unused: [3] },
      inputs: { x: { dtype: 'float32', shape: ['n', 2] } },
      run: (ops, p, x) => ({ y: ops.mul(x['x']!, p['w']!) }),
    };
    expect(Object.keys(trace(program).inputs).sort()).toEqual(['inputs/x', 'parameters/w']);
    const bool: TensorProgram = {
      ...program,
      run: (ops, p, x) => ({ y: ops.less(x['x']!, p['w']!) }),
    };
    expect(() => trace(bool)).toThrow(/bool/);
  });
});

describe('differentiation', () => {
  it('joins the gradients of slices that cover an axis', () => {
    const builder = graphBuilder();
    const { ops } = builder;
    const x = builder.input('x', { dtype: 'float32', shape: ['n', 6] });
    const [a, b, c] = [0, 2, 4].map((start) => ops.slice(x, 1, start, start + 2)) as [
      GraphNode,
      GraphNode,
      GraphNode,
    ];
    const loss = ops.sum(ops.mul(ops.mul(a, b), c), [0, 1]);
    const kinds = kindsOf(differentiate(builder, loss, { x })['x']!);
    expect(kinds).toContain('concat');
    expect(kinds).not.toContain('pad');
  });

  it('stops at stopGradient, and gives zeros where nothing depends', () => {
    const builder = graphBuilder();
    const { ops } = builder;
    const spec = { dtype: 'float32', shape: [2] } as const;
    const [x, y] = [builder.input('x', spec), builder.input('y', spec)];
    const loss = ops.sum(ops.mul(ops.stopGradient(x), x), [0]);
    const outputs = differentiate(builder, loss, { x, y });
    const found = interpret({ name: 'g', inputs: { x: spec }, outputs }, float64Ops, {
      x: float64Ops.constant([3, 5]),
    });
    expect([...found['x']!.data]).toEqual([3, 5]);
    expect([...found['y']!.data]).toEqual([0, 0]);
  });

  it('differentiates its own gradients', () => {
    const builder = graphBuilder();
    const { ops } = builder;
    const x = builder.input('x', { dtype: 'float32', shape: [] });
    const cube = ops.mul(x, ops.mul(x, x));
    const first = differentiate(builder, cube, { x })['x']!;
    const second = differentiate(builder, first, { x })['x']!;
    const graph = {
      name: 'cube',
      inputs: { x: { dtype: 'float32', shape: [] } },
      outputs: { first, second },
    } as const;
    const found = interpret(graph, float64Ops, { x: float64Ops.constant(2) });
    expect([found['first']!.data[0], found['second']!.data[0]]).toEqual([12, 12]);
  });

  it('sums a softmax in attention over the width of a head, not over all keys', () => {
    const sums = (twice: boolean): string[] => {
      const builder = graphBuilder();
      const { ops } = builder;
      const spec = { dtype: 'float32', shape: ['batch', 'time', 8] } as const;
      const [q, v] = [builder.input('q', spec), builder.input('v', spec)];
      const weights = ops.softmax(ops.matMul(q, q, { transposeB: true }));
      const mixed = ops.matMul(weights, v);
      const read = twice ? ops.add(ops.sum(weights, [-1], true), mixed) : mixed;
      const gradients = differentiate(builder, ops.sum(ops.exp(read), [0, 1, 2]), { q });
      return nodesOf([gradients['q']!]).flatMap(({ operation, inputs }) =>
        operation.kind === 'sum' ? [inputs[0]!.shape.join()] : [],
      );
    };
    expect(sums(false)).toEqual(['batch,time,8']);
    // Where the weights are used in another way as well, their gradient is no product with the values.
    expect(sums(true)).toContain('batch,time,time');
  });

  it('takes the gradient of x sigmoid(x) in one go', () => {
    const builder = graphBuilder();
    const { ops } = builder;
    const x = builder.input('x', { dtype: 'float32', shape: ['n'] });
    const s = ops.sigmoid(x);
    const y = ops.mul(x, s);
    const forward = new Set(nodesOf([y]));
    const { gradient } = differentiate(builder, ops.sum(ops.mul(y, y), [0]), { gradient: x });
    const backward = nodesOf([gradient!]).filter(
      (node) => !forward.has(node) && node.shape.length > 0,
    );
    expect(backward.map(({ operation }) => operation.kind).sort()).toEqual(
      ['add', 'add', 'mul', 'mul', 'sub'].sort(),
    );
  });

  it('refuses anything but a scalar', () => {
    const builder = graphBuilder();
    const x = builder.input('x', { dtype: 'float32', shape: [2] });
    expect(() => differentiate(builder, x, { x })).toThrow(/scalar/);
  });
});
