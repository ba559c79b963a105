import { randomSource } from '@spark-rl/core';

import {
  differentiate,
  float64Ops,
  graphBuilder,
  interpret,
  nodesOf,
  type Float64Tensor,
  type GraphNode,
  type GraphOps,
  type Named,
  type Operation,
  type Shape,
} from '../src/index.js';

type Build = (ops: GraphOps<GraphNode>, p: Named<GraphNode>, x: Named<GraphNode>) => GraphNode;

interface Case {
  readonly name: string;
  /** Symbolic shape and size of every float parameter, and the range its values are drawn from. */
  readonly parameters: Named<{ shape: Shape; low?: number; high?: number }>;
  readonly integers?: Named<{ shape: Shape; values: readonly number[] }>;
  readonly build: Build;
}

const sizes: Named<number> = { batch: 2, time: 3, past: 1 };
const concrete = (shape: Shape): number[] =>
  shape.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]!));
const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Weighs every element of the result differently, so that no wrong gradient can hide in a symmetric sum. */
function weighedSum(ops: GraphOps<GraphNode>, y: GraphNode, weights: GraphNode): GraphNode {
  return ops.sum(
    ops.mul(y, weights),
    y.shape.map((_, axis) => axis),
  );
}

const BT: Shape = ['batch', 'time', 4];
const cases: readonly Case[] = [
  ...(['add', 'sub', 'mul', 'minimum', 'maximum'] as const).flatMap((kind): Case[] => [
    {
      name: kind,
      parameters: { a: { shape: BT }, b: { shape: BT } },
      build: (ops, p) => ops[kind](p['a']!, p['b']!),
    },
    {
      name: `${kind} [4] to [batch, time, 4]`,
      parameters: { a: { shape: BT }, b: { shape: [4] } },
      build: (ops, p) => ops[kind](p['a']!, p['b']!),
    },
    {
      name: `${kind} [batch, 1, 4] to the left`,
      parameters: { a: { shape: ['batch', 1, 4] }, b: { shape: ['time', 1] } },
      build: (ops, p) => ops[kind](p['a']!, p['b']!),
    },
  ]),
  {
    name: 'div',
    parameters: { a: { shape: BT }, b: { shape: [4], low: 0.5, high: 2 } },
    build: (ops, p) => ops.div(p['a']!, p['b']!),
  },
  {
    name: 'square (one node twice)',
    parameters: { a: { shape: BT } },
    build: (ops, p) => ops.mul(p['a']!, p['a']!),
  },
  ...(['neg', 'abs', 'exp', 'tanh', 'sigmoid', 'softmax', 'logSoftmax'] as const).map(
    (kind): Case => ({
      name: kind,
      parameters: { a: { shape: BT } },
      build: (ops, p) => ops[kind](p['a']!),
    }),
  ),
  ...(['log', 'sqrt'] as const).map((kind): Case => ({
    name: kind,
    parameters: { a: { shape: BT, low: 0.5, high: 2 } },
    build: (ops, p) => ops[kind](p['a']!),
  })),
  {
    name: 'where',
    parameters: { a: { shape: BT }, b: { shape: ['time', 4] } },
    build: (ops, p) => ops.where(ops.less(p['a']!, ops.constant(0.1)), p['a']!, p['b']!),
  },
  ...[
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ].flatMap(([transposeA, transposeB]): Case[] => {
    const flip = (shape: Shape, flag?: boolean): Shape =>
      flag === true ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
    const options = { transposeA: transposeA!, transposeB: transposeB! };
    const build: Build = (ops, p) => ops.matMul(p['a']!, p['b']!, options);
    const name = `matMul ${String(transposeA)} ${String(transposeB)}`;
    return [
      {
        name: `${name} matrices`,
        parameters: {
          a: { shape: flip(['time', 5], transposeA) },
          b: { shape: flip([5, 4], transposeB) },
        },
        build,
      },
      {
        name: `${name} shared right`,
        parameters: {
          a: { shape: flip(['batch', 'time', 5], transposeA) },
          b: { shape: flip([5, 4], transposeB) },
        },
        build,
      },
      {
        name: `${name} batched`,
        parameters: {
          a: { shape: flip(['batch', 3, 'time', 5], transposeA) },
          b: { shape: flip(['batch', 3, 5, 'time'], transposeB) },
        },
        build,
      },
    ];
  }),
  {
    name: 'reshape -1',
    parameters: { a: { shape: BT } },
    build: (ops, p) => ops.reshape(p['a']!, [-1, 4]),
  },
  {
    name: 'reshape heads',
    parameters: { a: { shape: BT } },
    build: (ops, p) => ops.reshape(p['a']!, ['batch', 'time', 2, 2]),
  },
  {
    name: 'transpose',
    parameters: { a: { shape: BT } },
    build: (ops, p) => ops.transpose(p['a']!, [1, 2, 0]),
  },
  {
    name: 'concat of a named axis',
    parameters: { a: { shape: ['batch', 'past', 4] }, b: { shape: BT } },
    build: (ops, p) => ops.concat([p['a']!, p['b']!, p['a']!], 1),
  },
  {
    name: 'slice',
    parameters: { a: { shape: BT } },
    build: (ops, p) => ops.slice(p['a']!, -1, 1, 3),
  },
  {
    name: 'slices that cover the axis',
    parameters: { a: { shape: BT } },
    build: (ops, p) => ops.mul(ops.slice(p['a']!, 2, 0, 2), ops.exp(ops.slice(p['a']!, 2, 2, 4))),
  },
  {
    name: 'slices that overlap',
    parameters: { a: { shape: BT } },
    build: (ops, p) => ops.mul(ops.slice(p['a']!, 2, 0, 3), ops.exp(ops.slice(p['a']!, 2, 1, 4))),
  },
  {
    name: 'gather with repeats',
    parameters: { a: { shape: [5, 2, 3] } },
    integers: { i: { shape: ['batch', 'time'], values: [0, 3, 3, 1, 0, 3] } },
    build: (ops, p, x) => ops.gather(p['a']!, x['i']!),
  },
  {
    name: 'gather from a named axis',
    parameters: { a: { shape: BT } },
    integers: { i: { shape: ['n'], values: [5, 0, 5, 2] } },
    build: (ops, p, x) => ops.gather(ops.reshape(p['a']!, [-1, 4]), x['i']!),
  },
  {
    name: 'scatterAdd',
    parameters: { a: { shape: BT } },
    integers: { i: { shape: ['batch', 'time'], values: [0, 3, 3, 1, 0, 3] } },
    build: (ops, p, x) => ops.scatterAdd(x['i']!, p['a']!, 5),
  },
  { name: 'pad', parameters: { a: { shape: BT } }, build: (ops, p) => ops.pad(p['a']!, 1, 1, 2) },
  {
    name: 'broadcastTo',
    parameters: { a: { shape: ['time', 1] }, b: { shape: BT } },
    build: (ops, p) => ops.mul(ops.exp(ops.broadcastTo(p['a']!, BT)), p['b']!),
  },
  ...(['sum', 'mean', 'max'] as const).flatMap((kind): Case[] => [
    {
      name: `${kind} of all`,
      parameters: { a: { shape: BT } },
      build: (ops, p) => ops[kind](p['a']!, [0, 1, 2]),
    },
    {
      name: `${kind} of the middle`,
      parameters: { a: { shape: BT } },
      build: (ops, p) => ops[kind](p['a']!, [1]),
    },
    {
      name: `${kind} of two, kept`,
      parameters: { a: { shape: BT } },
      build: (ops, p) => ops[kind](p['a']!, [0, -1], true),
    },
  ]),
  {
    name: 'root mean square norm',
    parameters: { a: { shape: BT }, w: { shape: [4] } },
    build: (ops, p) => {
      const square = ops.mean(ops.mul(p['a']!, p['a']!), [-1], true);
      return ops.mul(ops.div(p['a']!, ops.sqrt(ops.add(square, ops.constant(1e-5)))), p['w']!);
    },
  },
  ...(['left', 'right'] as const).map((side): Case => ({
    name: `silu, the sigmoid on the ${side}`,
    parameters: { a: { shape: BT } },
    build: (ops, { a }) => {
      const s = ops.sigmoid(a!);
      return ops.add(side === 'left' ? ops.mul(s, a!) : ops.mul(a!, s), s);
    },
  })),
  {
    name: 'product with the sigmoid of something else',
    parameters: { a: { shape: BT }, b: { shape: BT } },
    build: (ops, { a, b }) => ops.mul(ops.sigmoid(a!), b!),
  },
  {
    name: 'attention',
    parameters: {
      q: { shape: ['batch', 2, 'time', 4] },
      k: { shape: ['batch', 2, 'time', 4] },
      v: { shape: ['batch', 2, 'time', 4] },
    },
    build: (ops, { q, k, v }) =>
      ops.matMul(ops.softmax(ops.matMul(q!, k!, { transposeB: true })), v!),
  },
  {
    name: 'attention weights that are read twice',
    parameters: { a: { shape: ['batch', 'time', 'time'] }, v: { shape: ['batch', 'time', 4] } },
    build: (ops, { a, v }) => {
      const weights = ops.softmax(a!);
      return ops.matMul(ops.matMul(ops.exp(weights), weights), v!);
    },
  },
  {
    name: 'softmax times a shared matrix',
    parameters: { a: { shape: BT }, v: { shape: [4, 3] } },
    build: (ops, { a, v }) => ops.matMul(ops.softmax(a!), v!),
  },
];

/** Of every operation, whether a gradient flows through it. A new operation does not compile until it stands here. */
const flows: Readonly<Record<Operation['kind'], boolean>> = {
  input: false,
  constant: false,
  dimension: false,
  less: false,
  lessEqual: false,
  equal: false,
  oneHot: false,
  stopGradient: false,
  // Only a float keeps its gradient through toFloat, and of a float it makes no node.
  toFloat: false,
  neg: true,
  abs: true,
  exp: true,
  log: true,
  sqrt: true,
  tanh: true,
  sigmoid: true,
  add: true,
  sub: true,
  mul: true,
  div: true,
  minimum: true,
  maximum: true,
  where: true,
  softmax: true,
  logSoftmax: true,
  gather: true,
  matMul: true,
  reshape: true,
  broadcastTo: true,
  transpose: true,
  concat: true,
  slice: true,
  pad: true,
  scatterAdd: true,
  sum: true,
  mean: true,
  max: true,
};

/** The kinds of operation between the parameters of a case and its result. */
function kindsOf({ parameters, integers = {}, build }: Case): string[] {
  const builder = graphBuilder();
  const declare = (specs: Named<{ shape: Shape }>, dtype: 'float32' | 'int32') =>
    Object.fromEntries(
      Object.entries(specs).map(([key, { shape }]) => [key, builder.input(key, { dtype, shape })]),
    );
  const p = declare(parameters, 'float32');
  const y = build(builder.ops, p, declare(integers, 'int32'));
  const depend = new Set<GraphNode>(Object.values(p));
  return nodesOf([y]).flatMap((node) => {
    if (!node.inputs.some((input) => depend.has(input))) return [];
    depend.add(node);
    return [node.operation.kind];
  });
}

it('every operation that a gradient flows through has a case here', () => {
  const tried = new Set(cases.flatMap(kindsOf));
  const untried = Object.entries(flows).filter(([kind, does]) => does && !tried.has(kind));
  expect(untried.map(([kind]) => kind)).toEqual([]);
});

it.each(['stopGradient', 'less', 'lessEqual', 'equal'] as const)(
  'no gradient flows through %s',
  (kind) => {
    const { ops, input } = graphBuilder();
    const a = input('a', { dtype: 'float32', shape: [2] });
    const y = kind === 'stopGradient' ? ops.stopGradient(a) : ops[kind](a, ops.constant(0));
    const loss = ops.sum(ops.mul(ops.toFloat(y), ops.constant([3, 4])), [0]);
    const { gradient } = differentiate({ ops }, loss, { gradient: a });
    const values = { a: { dtype: 'float32', shape: [2], data: Float64Array.of(1, 2) } } as const;
    const graph = {
      name: kind,
      inputs: { a: { dtype: 'float32', shape: [2] } },
      outputs: { gradient: gradient! },
    } as const;
    expect([...interpret(graph, float64Ops, values)['gradient']!.data]).toEqual([0, 0]);
  },
);

describe('every gradient rule agrees with central finite differences in float64', () => {
  it.each(cases)('$name', ({ name, parameters, integers = {}, build }) => {
    const source = randomSource(['gradients', name]);
    const builder = graphBuilder();
    const p: Record<string, GraphNode> = {};
    const x: Record<string, GraphNode> = {};
    const values: Record<string, Float64Tensor> = {};
    for (const [key, { shape, low = -1, high = 1 }] of Object.entries(parameters)) {
      p[key] = builder.input(key, { dtype: 'float32', shape });
      const dims = concrete(shape);
      const data = Float64Array.from(
        { length: count(dims) },
        () => low + (high - low) * source.uniform(),
      );
      values[key] = { dtype: 'float32', shape: dims, data };
    }
    for (const [key, { shape, values: list }] of Object.entries(integers)) {
      x[key] = builder.input(key, { dtype: 'int32', shape });
      const dims = shape.map((dim) => (dim === 'n' ? list.length : concrete([dim])[0]!));
      values[key] = { dtype: 'int32', shape: dims, data: Float64Array.from(list) };
    }
    const y = build(builder.ops, p, x);
    const weights = builder.input('weights', { dtype: 'float32', shape: y.shape });
    const loss = weighedSum(builder.ops, y, weights);
    const gradients = differentiate(builder, loss, p);
    const specs = Object.fromEntries(
      Object.entries({ ...p, ...x, weights }).map(([key, node]) => [
        key,
        { dtype: node.dtype as 'float32', shape: node.shape },
      ]),
    );
    const shape = interpret(
      {
        name,
        inputs: Object.fromEntries(Object.entries(specs).filter(([key]) => key !== 'weights')),
        outputs: { y },
      },
      float64Ops,
      values,
    )['y']!.shape;
    values['weights'] = {
      dtype: 'float32',
      shape,
      data: Float64Array.from({ length: count(shape) }, () => source.normal()),
    };

    const run = (outputs: Named<GraphNode>): Named<Float64Tensor> =>
      interpret({ name, inputs: specs, outputs }, float64Ops, values);
    const found = run(gradients);
    for (const key of Object.keys(parameters)) {
      expect(found[key]!.shape).toEqual(values[key]!.shape);
      const { data } = values[key]!;
      const scale = Math.max(1, ...found[key]!.data.map(Math.abs));
      data.forEach((value, i) => {
        const step = 1e-5;
        data[i] = value + step;
        const above = run({ loss })['loss']!.data[0]!;
        data[i] = value - step;
        const below = run({ loss })['loss']!.data[0]!;
        data[i] = value;
        expect(Math.abs((above - below) / (2 * step) - found[key]!.data[i]!) / scale).toBeLessThan(
          1e-6,
        );
      });
    }
  });
});
