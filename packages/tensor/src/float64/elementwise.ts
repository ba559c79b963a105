import type { DType } from '../ops.js';
import { broadcastShapes, sameShape } from '../shape-rules.js';
import { sizeOf, type Float64Tensor } from './float64-tensor.js';
import { broadcastStrides, offsets } from './strided.js';

/** Applies a function to every element. */
export function mapElements(
  x: Float64Tensor,
  dtype: DType,
  compute: (value: number) => number,
): Float64Tensor {
  return { dtype, shape: x.shape, data: x.data.map(compute) };
}

/** Repeats a tensor to a shape that it broadcasts to. */
export function broadcastElements(x: Float64Tensor, shape: readonly number[]): Float64Tensor {
  if (sameShape(x.shape, shape)) return x;
  const data = new Float64Array(sizeOf(shape));
  if (x.data.length === 1) data.fill(x.data[0]!);
  else {
    const from = offsets(shape, broadcastStrides(x.shape, shape));
    for (let i = 0; i < data.length; i++) data[i] = x.data[from[i]!]!;
  }
  return { dtype: x.dtype, shape, data };
}

/** Applies a function to every pair of elements, broadcasting. */
export function zipElements(
  operation: string,
  a: Float64Tensor,
  b: Float64Tensor,
  dtype: DType,
  compute: (left: number, right: number) => number,
): Float64Tensor {
  const shape = broadcastShapes(operation, a.shape, b.shape) as readonly number[];
  const data = new Float64Array(sizeOf(shape));
  const left = broadcastElements(a, shape).data;
  const right = broadcastElements(b, shape).data;
  for (let i = 0; i < data.length; i++) data[i] = compute(left[i]!, right[i]!);
  return { dtype, shape, data };
}

/** `condition ? a : b`, broadcasting. */
export function selectElements(
  condition: Float64Tensor,
  a: Float64Tensor,
  b: Float64Tensor,
): Float64Tensor {
  const branches = broadcastShapes('where', a.shape, b.shape);
  const shape = broadcastShapes('where', condition.shape, branches) as readonly number[];
  const data = new Float64Array(sizeOf(shape));
  const [c, left, right] = [condition, a, b].map((x) => broadcastElements(x, shape).data);
  for (let i = 0; i < data.length; i++) data[i] = c![i] !== 0 ? left![i]! : right![i]!;
  return { dtype: a.dtype, shape, data };
}
