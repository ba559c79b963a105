import type { HostTensor, TensorSpec } from '../program.js';
import type { DType } from '../ops.js';

/** A tensor of the reference interpreter: whatever its type, its values are float64 numbers in row-major order. */
export interface Float64Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

export function float64Tensor(
  dtype: DType,
  shape: readonly number[],
  data: ArrayLike<number>,
): Float64Tensor {
  return { dtype, shape, data: data instanceof Float64Array ? data : Float64Array.from(data) };
}

/** Copies a tensor from ordinary memory. */
export function fromHost(tensor: HostTensor): Float64Tensor {
  return float64Tensor(tensor.dtype, tensor.shape, tensor.data);
}

/** Copies a tensor to ordinary memory; floats are rounded to float32, truth values become 0 and 1. */
export function toHost(tensor: Float64Tensor): HostTensor {
  const dtype: TensorSpec['dtype'] = tensor.dtype === 'float32' ? 'float32' : 'int32';
  return dtype === 'float32'
    ? { dtype, shape: tensor.shape, data: Float32Array.from(tensor.data) }
    : { dtype, shape: tensor.shape, data: Int32Array.from(tensor.data) };
}
