import { normalizeAxes, reduceShape } from '../shape-rules.js';
import { sizeOf, stridesOf, type Float64Tensor } from './float64-tensor.js';
import { offsets } from './strided.js';

/** Folds the elements along `axes` into one. */
export function reduceElements(
  operation: string,
  x: Float64Tensor,
  axes: readonly number[],
  keepDims: boolean,
  start: number,
  fold: (accumulated: number, value: number) => number,
): Float64Tensor {
  const over = normalizeAxes(operation, axes, x.shape.length);
  const kept = reduceShape(x.shape, over, true) as readonly number[];
  const strides = stridesOf(kept).map((stride, axis) => (over.includes(axis) ? 0 : stride));
  const to = offsets(x.shape, strides);
  const data = new Float64Array(sizeOf(kept)).fill(start);
  x.data.forEach((value, i) => {
    data[to[i]!] = fold(data[to[i]!]!, value);
  });
  return { dtype: x.dtype, shape: reduceShape(x.shape, over, keepDims) as readonly number[], data };
}

/** The mean along `axes`. */
export function meanElements(
  x: Float64Tensor,
  axes: readonly number[],
  keepDims: boolean,
): Float64Tensor {
  const sum = reduceElements('mean', x, axes, keepDims, 0, (total, value) => total + value);
  const count = x.data.length / sum.data.length;
  return { ...sum, data: sum.data.map((value) => value / count) };
}

/** Softmax over the last axis, or its logarithm; the maximum is taken off first, so nothing overflows. */
export function softmaxRows(x: Float64Tensor, logarithm: boolean): Float64Tensor {
  const width = x.shape.at(-1) ?? 1;
  const data = new Float64Array(x.data.length);
  for (let from = 0; from < data.length; from += width) {
    const row = x.data.subarray(from, from + width);
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
    row.forEach((value, i) => {
      data[from + i] = logarithm ? value - top - Math.log(total) : Math.exp(value - top) / total;
    });
  }
  return { dtype: 'float32', shape: x.shape, data };
}
