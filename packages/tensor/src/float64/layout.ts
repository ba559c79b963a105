import {
  concatShape,
  normalizeAxis,
  shapeError,
  showShape,
  transposeShape,
} from '../shape-rules.js';
import { sizeOf, stridesOf, type Float64Tensor } from './float64-tensor.js';
import { offsets } from './strided.js';

/** Reorders the axes. */
export function transposeElements(x: Float64Tensor, permutation: readonly number[]): Float64Tensor {
  const shape = transposeShape(x.shape, permutation) as readonly number[];
  const strides = stridesOf(x.shape);
  const from = offsets(
    shape,
    permutation.map((axis) => strides[axis]!),
  );
  return { dtype: x.dtype, shape, data: Float64Array.from(from, (offset) => x.data[offset]!) };
}

/** Joins tensors along an axis. */
export function concatElements(tensors: readonly Float64Tensor[], axis: number): Float64Tensor {
  const along = normalizeAxis('concat', axis, tensors[0]?.shape.length ?? 0);
  const shape = concatShape(
    tensors.map((tensor) => tensor.shape),
    along,
  ) as readonly number[];
  const outer = sizeOf(shape.slice(0, along));
  const data = new Float64Array(sizeOf(shape));
  let offset = 0;
  for (let i = 0; i < outer; i++) {
    for (const tensor of tensors) {
      const length = sizeOf(tensor.shape.slice(along));
      data.set(tensor.data.subarray(i * length, (i + 1) * length), offset);
      offset += length;
    }
  }
  return { dtype: tensors[0]!.dtype, shape, data };
}

/** The part [start, end) of an axis (counting from 0). */
export function sliceElements(
  x: Float64Tensor,
  axis: number,
  start: number,
  end: number,
): Float64Tensor {
  const shape = x.shape.map((dim, at) => (at === axis ? end - start : dim));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const length = (end - start) * inner;
  const data = new Float64Array(sizeOf(shape));
  for (let i = 0; i < sizeOf(x.shape.slice(0, axis)); i++) {
    const from = (i * x.shape[axis]! + start) * inner;
    data.set(x.data.subarray(from, from + length), i * length);
  }
  return { dtype: x.dtype, shape, data };
}

/** Puts zeros before and after along an axis (counting from 0). */
export function padElements(
  x: Float64Tensor,
  axis: number,
  before: number,
  after: number,
): Float64Tensor {
  const zeros = (length: number): Float64Tensor => {
    const shape = x.shape.map((dim, at) => (at === axis ? length : dim));
    return { dtype: x.dtype, shape, data: new Float64Array(sizeOf(shape)) };
  };
  return concatElements([zeros(before), x, zeros(after)], axis);
}

function checkIndex(operation: string, index: number, rows: number): void {
  if (index >= 0 && index < rows) return;
  throw shapeError(
    operation,
    `the index ${index} is outside a table of ${rows} rows`,
    `Give indices in [0, ${rows}).`,
  );
}

/** Rows of a table. */
export function gatherRows(table: Float64Tensor, indices: Float64Tensor): Float64Tensor {
  const [rows = 0, ...rest] = table.shape;
  const width = sizeOf(rest);
  const data = new Float64Array(indices.data.length * width);
  indices.data.forEach((index, i) => {
    checkIndex('gather', index, rows);
    data.set(table.data.subarray(index * width, (index + 1) * width), i * width);
  });
  return { dtype: table.dtype, shape: [...indices.shape, ...rest], data };
}

/** Adds rows up at their indices, see `GraphOps.scatterAdd`. */
export function scatterAddRows(
  indices: Float64Tensor,
  updates: Float64Tensor,
  rows: number,
): Float64Tensor {
  const rest = updates.shape.slice(indices.shape.length);
  if (showShape(updates.shape.slice(0, indices.shape.length)) !== showShape(indices.shape)) {
    throw shapeError(
      'scatterAdd',
      `updates ${showShape(updates.shape)} do not go with indices ${showShape(indices.shape)}`,
      'The leading axes of the updates must be those of the indices.',
    );
  }
  const width = sizeOf(rest);
  const data = new Float64Array(rows * width);
  indices.data.forEach((index, i) => {
    checkIndex('scatterAdd', index, rows);
    for (let j = 0; j < width; j++) data[index * width + j]! += updates.data[i * width + j]!;
  });
  return { dtype: updates.dtype, shape: [rows, ...rest], data };
}

/** 1 at the index, 0 elsewhere. */
export function oneHotRows(indices: Float64Tensor, depth: number): Float64Tensor {
  const data = new Float64Array(indices.data.length * depth);
  indices.data.forEach((index, i) => {
    if (index >= 0 && index < depth) data[i * depth + index] = 1;
  });
  return { dtype: 'float32', shape: [...indices.shape, depth], data };
}
