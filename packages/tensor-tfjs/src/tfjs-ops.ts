import { InvalidInputError } from '@spark-rl/core';
import type { DType, Shape, TensorOps } from '@spark-rl/tensor';

import { repairedGradients } from './gradients.js';
import type { Tfjs, TfjsTensor } from './tfjs.js';

/** Counts an axis from the front. */
const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Writes out the named dimensions of a target shape: each stands at the same axis as in `x`. */
const concreteShape = (x: TfjsTensor, shape: Shape): number[] =>
  shape.map((size, axis) => {
    if (typeof size === 'number') return size;
    const found = x.shape[axis];
    if (found === undefined) {
      throw new InvalidInputError(
        `reshape: dimension "${size}" stands at axis ${axis}, but the tensor has shape [${x.shape.join(', ')}]`,
        { remedy: 'Put a named dimension at the axis it has in the tensor, or use -1.' },
      );
    }
    return found;
  });

/** Options of {@link tfjsOps}. */
export interface TfjsOpsOptions {
  /**
   * Sum the terms of a softmax one by one, so that a row padded with very negative values keeps its bits on the wasm backend too.
   * Slower there than the fused softmax. Default false.
   */
  readonly ordered?: boolean;
}

/**
 * The operations of tensor programs over a tfjs namespace object, computed at once on whichever backend is set. All of them can be
 * differentiated by tfjs (`tf.grad`, `tf.variableGrads`, ...) on every backend, gather, where, minimum and maximum included.
 *
 * @param tf - the object that `@tensorflow/tfjs`, `-node` or `-node-gpu` exports
 */
export function tfjsOps(tf: Tfjs, options: TfjsOpsOptions = {}): TensorOps<TfjsTensor> {
  const { ordered = false } = options;
  const repaired = repairedGradients(tf);
  // Comparisons have no gradient in tfjs, not even zero: on the tape they would make every gradient fail.
  const comparison =
    (compare: (a: TfjsTensor, b: TfjsTensor) => TfjsTensor) =>
    (a: TfjsTensor, b: TfjsTensor): TfjsTensor =>
      repaired.detached(() => compare(a, b));

  const matMul: TensorOps<TfjsTensor>['matMul'] = (a, b, options = {}) => {
    const { transposeA = false, transposeB = false } = options;
    if (b.rank > 2 || a.rank === 2) return tf.matMul(a, b, transposeA, transposeB);
    // One product of all rows by the shared matrix: one call where the backend would make one for each batch entry.
    const rowsLast = [...a.shape.keys()];
    rowsLast.push(...rowsLast.splice(-2).reverse());
    const rows = transposeA ? tf.transpose(a, rowsLast) : a;
    const inner = rows.shape[rows.rank - 1]!;
    const product = tf.matMul(tf.reshape(rows, [-1, inner]), b, false, transposeB);
    return tf.reshape(product, [...rows.shape.slice(0, -1), product.shape[1]!]);
  };

  // XNNPACK sums a row in an order that depends on its length, so a row padded with -1e9 came out in other bits. Here the zeros of the
  // padding are added one by one, which changes nothing.
  const orderedSoftmax = (x: TfjsTensor): TfjsTensor => {
    const raised = tf.exp(tf.sub(x, tf.max(x, -1, true)));
    return tf.div(raised, tf.sum(raised, -1, true));
  };

  return {
    shapeOf: (x) => x.shape,
    dtypeOf: (x) => x.dtype as DType,
    constant: (values, shape) =>
      typeof values === 'number'
        ? tf.fill([...(shape ?? [])], values, 'float32')
        : tf.tensor(Float32Array.from(values), [...(shape ?? [values.length])], 'float32'),

    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
    div: tf.div,
    minimum: repaired.minimum,
    maximum: repaired.maximum,
    neg: tf.neg,
    abs: repaired.abs,
    exp: tf.exp,
    log: tf.log,
    sqrt: tf.sqrt,
    tanh: tf.tanh,
    sigmoid: tf.sigmoid,

    less: comparison(tf.less),
    lessEqual: comparison(tf.lessEqual),
    equal: comparison(tf.equal),
    where: repaired.where,
    toFloat: (x) => tf.cast(x, 'float32'),

    matMul,
    reshape: (x, shape) => tf.reshape(x, concreteShape(x, shape)),
    transpose: (x, permutation) => tf.transpose(x, [...permutation]),
    concat: (tensors, axis) => tf.concat([...tensors], axis),
    slice: (x, axis, start, end) => {
      const at = fromFront(axis, x.rank);
      const begin = x.shape.map((_, i) => (i === at ? start : 0));
      const size = x.shape.map((length, i) => (i === at ? end - start : length));
      return tf.slice(x, begin, size);
    },

    gather: repaired.gather,
    oneHot: (indices, depth) => {
      // tfjs takes no depth below 2. The wasm backend writes the bits of integers whatever type it is asked for, so integers it is.
      const wide = tf.oneHot(indices, Math.max(depth, 2), 1, 0, 'int32');
      const cut =
        depth < 2
          ? tf.slice(
              wide,
              wide.shape.map(() => 0),
              [...indices.shape, depth],
            )
          : wide;
      return tf.cast(cut, 'float32');
    },

    sum: (x, axes, keepDims = false) => tf.sum(x, [...axes], keepDims),
    mean: (x, axes, keepDims = false) => tf.mean(x, [...axes], keepDims),
    max: (x, axes, keepDims = false) => repaired.max(x, axes, keepDims),
    softmax: ordered ? orderedSoftmax : (x) => tf.softmax(x),
    logSoftmax: (x) => tf.logSoftmax(x),

    stopGradient: (x) => repaired.detached(() => tf.clone(x)),
  };
}
