import type { HostTensor } from '@spark-rl/tensor';
import fc from 'fast-check';

import { float, int, sizeOf, type Program } from './tensors.js';

/** An operation on random tensors. */
export interface Case {
  readonly program: Program;
  readonly tensors: readonly HostTensor[];
}

const size = fc.integer({ min: 1, max: 5 });
const shapes = (minLength = 0, maxLength = 4) => fc.array(size, { minLength, maxLength });
const within = (min: number, max: number) =>
  fc.integer({ min: 0, max: 1000 }).map((step) => min + ((max - min) * step) / 1000);
const floats = (shape: readonly number[], min = -3, max = 3) =>
  fc
    .array(within(min, max), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
    .map((values) => float(shape, values));
const ints = (shape: readonly number[], min: number, max: number) =>
  fc
    .array(fc.integer({ min, max }), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
    .map((values) => int(shape, values));

/** Two shapes that broadcast: some axes of each are 1, and one may lack leading axes. */
const broadcastPair = fc
  .tuple(shapes(), fc.infiniteStream(fc.boolean()), fc.boolean(), fc.nat({ max: 2 }))
  .map(([shape, coin, swap, drop]) => {
    const thin = shape.map((dim) => (coin.next().value ? 1 : dim)).slice(drop);
    return swap ? [thin, shape] : [shape, thin];
  });
const pairOf = (min = -3, max = 3) =>
  broadcastPair.chain(([a, b]) => fc.tuple(floats(a!, min, max), floats(b!, min, max)));

const unary = (program: Program, min = -3, max = 3): fc.Arbitrary<Case> =>
  shapes()
    .chain((shape) => floats(shape, min, max))
    .map((x) => ({ program, tensors: [x] }));
const binary = (program: Program, min = -3, max = 3): fc.Arbitrary<Case> =>
  pairOf(min, max).map((tensors) => ({ program, tensors }));
const withAxes = (
  make: (axes: readonly number[], keepDims: boolean) => Program,
): fc.Arbitrary<Case> =>
  shapes(1).chain((shape) =>
    fc
      .record({
        x: floats(shape),
        axes: fc.subarray([...shape.keys()], { minLength: 1 }),
        negative: fc.boolean(),
        keepDims: fc.boolean(),
      })
      .map(({ x, axes, negative, keepDims }) => ({
        program: make(negative ? axes.map((axis) => axis - shape.length) : axes, keepDims),
        tensors: [x],
      })),
  );

/** Every operation of `TensorOps`, on random shapes and values. */
export const cases: Record<string, fc.Arbitrary<Case>> = {
  add: binary((ops, [a, b]) => ops.add(a!, b!)),
  sub: binary((ops, [a, b]) => ops.sub(a!, b!)),
  mul: binary((ops, [a, b]) => ops.mul(a!, b!)),
  div: binary((ops, [a, b]) => ops.div(a!, b!), 0.5, 3),
  minimum: binary((ops, [a, b]) => ops.minimum(a!, b!)),
  maximum: binary((ops, [a, b]) => ops.maximum(a!, b!)),
  neg: unary((ops, [x]) => ops.neg(x!)),
  abs: unary((ops, [x]) => ops.abs(x!)),
  exp: unary((ops, [x]) => ops.exp(x!)),
  log: unary((ops, [x]) => ops.log(x!), 0.1, 5),
  sqrt: unary((ops, [x]) => ops.sqrt(x!), 0.1, 5),
  tanh: unary((ops, [x]) => ops.tanh(x!)),
  sigmoid: unary((ops, [x]) => ops.sigmoid(x!)),
  less: binary((ops, [a, b]) => ops.less(a!, b!)),
  lessEqual: binary((ops, [a, b]) => ops.lessEqual(a!, b!)),
  equal: broadcastPair
    .chain(([a, b]) => fc.tuple(ints(a!, 0, 2), ints(b!, 0, 2)))
    .map((tensors) => ({ program: (ops, [a, b]) => ops.equal(a!, b!), tensors })),
  where: broadcastPair
    .chain(([a, b]) => fc.tuple(floats(a!), floats(b!), floats([b!.at(-1) ?? 1])))
    .map((tensors) => ({
      program: (ops, [a, b, c]) => ops.where(ops.less(c!, ops.constant(0)), a!, b!),
      tensors,
    })),
  toFloat: shapes()
    .chain((shape) => ints(shape, -9, 9))
    .map((x) => ({ program: (ops, [a]) => ops.toFloat(a!), tensors: [x] })),
  matMul: fc
    .record({
      leading: shapes(0, 2),
      sizes: fc.tuple(size, size, size),
      shared: fc.boolean(),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    })
    .chain(({ leading, sizes: [m, k, n], shared, transposeA, transposeB }) => {
      const a = [...leading, ...(transposeA ? [k, m] : [m, k])];
      const b = [...(shared ? [] : leading), ...(transposeB ? [n, k] : [k, n])];
      return fc.tuple(floats(a), floats(b)).map((tensors) => ({
        program: (ops, [x, y]) => ops.matMul(x!, y!, { transposeA, transposeB }),
        tensors,
      }));
    }),
  reshape: shapes(1)
    .chain((shape) => floats(shape))
    .map((x) => ({ program: (ops, [a]) => ops.reshape(a!, [1, -1]), tensors: [x] })),
  transpose: shapes(1)
    .chain((shape) =>
      fc.tuple(floats(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
    )
    .map(([x, permutation]) => ({
      program: (ops, [a]) => ops.transpose(a!, permutation),
      tensors: [x],
    })),
  concat: fc
    .tuple(shapes(1, 3), fc.array(size, { minLength: 1, maxLength: 3 }), fc.nat())
    .chain(([shape, sizes, pick]) => {
      const axis = pick % shape.length;
      return fc
        .tuple(...sizes.map((dim) => floats(shape.map((old, i) => (i === axis ? dim : old)))))
        .map((tensors) => ({
          program: (ops, parts) => ops.concat(parts, axis - shape.length),
          tensors,
        }));
    }),
  slice: shapes(1)
    .chain((shape) => fc.tuple(floats(shape), fc.nat(), fc.nat(), fc.nat(), fc.boolean()))
    .map(([x, pick, from, length, negative]) => {
      const axis = pick % x.shape.length;
      const start = from % x.shape[axis]!;
      const end = start + 1 + (length % (x.shape[axis]! - start));
      const along = negative ? axis - x.shape.length : axis;
      return { program: (ops, [a]) => ops.slice(a!, along, start, end), tensors: [x] };
    }),
  gather: fc
    .tuple(shapes(1, 3), shapes(0, 2))
    .chain(([table, picks]) => fc.tuple(floats(table), ints(picks, 0, table[0]! - 1)))
    .map((tensors) => ({ program: (ops, [table, picks]) => ops.gather(table!, picks!), tensors })),
  oneHot: fc
    .tuple(
      shapes(0, 3).chain((shape) => ints(shape, -2, 6)),
      size,
    )
    .map(([x, depth]) => ({ program: (ops, [a]) => ops.oneHot(a!, depth), tensors: [x] })),
  sum: withAxes(
    (axes, keepDims) =>
      (ops, [x]) =>
        ops.sum(x!, axes, keepDims),
  ),
  mean: withAxes(
    (axes, keepDims) =>
      (ops, [x]) =>
        ops.mean(x!, axes, keepDims),
  ),
  max: withAxes(
    (axes, keepDims) =>
      (ops, [x]) =>
        ops.max(x!, axes, keepDims),
  ),
  softmax: shapes(1)
    .chain((shape) => floats(shape, -20, 20))
    .map((x) => ({ program: (ops, [a]) => ops.softmax(a!), tensors: [x] })),
  logSoftmax: shapes(1)
    .chain((shape) => floats(shape, -20, 20))
    .map((x) => ({ program: (ops, [a]) => ops.logSoftmax(a!), tensors: [x] })),
  stopGradient: unary((ops, [x]) => ops.stopGradient(x!)),
  constant: shapes()
    .chain((shape) => floats(shape))
    .map((x) => ({
      program: (ops) => ops.constant(x.data as Float32Array, x.shape),
      tensors: [],
    })),
};
