import { float64Ops, fromHost, type HostTensor, type TensorOps } from '@spark-rl/tensor';

import { tfjsOps, type TfjsOpsOptions, type TfjsTensor } from '../../src/index.js';
import { tf } from './engines.js';

export type Program = <T>(ops: TensorOps<T>, tensors: readonly T[]) => T;

export const float = (shape: readonly number[], values: readonly number[]): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});

export const int = (shape: readonly number[], values: readonly number[]): HostTensor => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(values),
});

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** What a program gives on the tfjs backend that is set. */
export function onTfjs(
  program: Program,
  tensors: readonly HostTensor[],
  options: TfjsOpsOptions = {},
) {
  return tf.tidy(() => {
    const ops = tfjsOps(tf, options);
    const given = tensors.map(({ data, shape, dtype }) => tf.tensor(data, [...shape], dtype));
    const result: TfjsTensor = program(ops, given);
    return { shape: [...result.shape], values: Array.from(result.dataSync()) };
  });
}

/** What it gives in float64. */
export function inFloat64(program: Program, tensors: readonly HostTensor[]) {
  const result = program(float64Ops, tensors.map(fromHost));
  return { shape: [...result.shape], values: Array.from(result.data) };
}

/** The largest distance between two lists, relative to the size of the numbers. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  a.reduce(
    (worst, x, i) =>
      Object.is(x, b[i]) ? worst : Math.max(worst, Math.abs(x - b[i]!) / (1 + Math.abs(b[i]!))),
    0,
  );
