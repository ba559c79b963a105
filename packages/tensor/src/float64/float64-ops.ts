import { InvalidInputError } from '@spark-rl/core';

import type { GraphOps } from '../graph-ops.js';
import type { Dim, DType } from '../ops.js';
import { checkSlice, normalizeAxis, reshapeShape, shapeError, showShape } from '../shape-rules.js';
import { broadcastElements, mapElements, selectElements, zipElements } from './elementwise.js';
import { sizeOf, type Float64Tensor } from './float64-tensor.js';
import {
  concatElements,
  gatherRows,
  oneHotRows,
  padElements,
  scatterAddRows,
  sliceElements,
  transposeElements,
} from './layout.js';
import { matrixProduct } from './matrix-product.js';
import { meanElements, reduceElements, softmaxRows } from './reduction.js';

type Unary = (x: Float64Tensor) => Float64Tensor;
type Binary = (a: Float64Tensor, b: Float64Tensor) => Float64Tensor;

const unary =
  (compute: (value: number) => number): Unary =>
  (x) =>
    mapElements(x, x.dtype, compute);

const binary =
  (operation: string, compute: (a: number, b: number) => number, dtype?: DType): Binary =>
  (a, b) =>
    zipElements(operation, a, b, dtype ?? a.dtype, compute);

function known(dim: Dim): number {
  if (typeof dim === 'number') return dim;
  throw new InvalidInputError(`the dimension ${JSON.stringify(dim)} has no size here`, {
    field: 'shape',
    value: dim,
    remedy: 'Give a number: this interpreter runs on tensors whose sizes are known.',
  });
}

const flag = (truth: boolean): number => (truth ? 1 : 0);

/** Interprets tensor programs in float64, in plain JavaScript: slow, and right. What engines are compared with. */
export const float64Ops: GraphOps<Float64Tensor> = {
  shapeOf: (x) => x.shape,
  dtypeOf: (x) => x.dtype,
  constant: (values, shape) => {
    const data = Float64Array.from(typeof values === 'number' ? [values] : values);
    const dims = shape ?? (typeof values === 'number' ? [] : [data.length]);
    if (sizeOf(dims) !== data.length) {
      throw shapeError(
        'constant',
        `${data.length} values do not fill ${showShape(dims)}`,
        'Give as many values as the shape has places.',
      );
    }
    return { dtype: 'float32', shape: dims, data };
  },

  add: binary('add', (a, b) => a + b),
  sub: binary('sub', (a, b) => a - b),
  mul: binary('mul', (a, b) => a * b),
  div: binary('div', (a, b) => a / b),
  minimum: binary('minimum', Math.min),
  maximum: binary('maximum', Math.max),
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  tanh: unary(Math.tanh),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),

  less: binary('less', (a, b) => flag(a < b), 'bool'),
  lessEqual: binary('lessEqual', (a, b) => flag(a <= b), 'bool'),
  equal: binary('equal', (a, b) => flag(a === b), 'bool'),
  where: selectElements,
  toFloat: (x) => mapElements(x, 'float32', (value) => value),

  matMul: (a, b, options = {}) =>
    matrixProduct(a, b, options.transposeA ?? false, options.transposeB ?? false),

  reshape: (x, shape) => {
    const target = shape.map((dim, axis) => (typeof dim === 'string' ? x.shape[axis] : dim));
    return {
      ...x,
      shape: reshapeShape(
        x.shape,
        target.map((dim) => known(dim ?? 'missing')),
      ).map(known),
    };
  },
  transpose: transposeElements,
  concat: concatElements,
  slice: (x, axis, start, end) => {
    const along = normalizeAxis('slice', axis, x.shape.length);
    checkSlice(x.shape[along]!, known(start), known(end));
    return sliceElements(x, along, known(start), known(end));
  },
  gather: gatherRows,
  oneHot: oneHotRows,

  sum: (x, axes, keepDims = false) => reduceElements('sum', x, axes, keepDims, 0, (a, b) => a + b),
  mean: (x, axes, keepDims = false) => meanElements(x, axes, keepDims),
  max: (x, axes, keepDims = false) => reduceElements('max', x, axes, keepDims, -Infinity, Math.max),
  softmax: (x) => softmaxRows(x, false),
  logSoftmax: (x) => softmaxRows(x, true),
  stopGradient: (x) => x,

  broadcastTo: (x, shape) => broadcastElements(x, shape.map(known)),
  dimension: (dim) => ({ dtype: 'float32', shape: [], data: Float64Array.of(known(dim)) }),
  pad: (x, axis, before, after) => padElements(x, axis, known(before), known(after)),
  scatterAdd: (indices, updates, rows) => scatterAddRows(indices, updates, known(rows)),
};
