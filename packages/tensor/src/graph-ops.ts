import type { Dim, Shape, TensorOps } from './ops.js';

/**
 * The operations of a program, and the few more that gradients are made of. A graph consists of these, so an engine that runs
 * graphs offers them.
 */
export interface GraphOps<T> extends TensorOps<T> {
  /** Repeats `x` to a shape that it broadcasts to. */
  readonly broadcastTo: (x: T, shape: Shape) => T;
  /** The size of a dimension as a float scalar. */
  readonly dimension: (dim: Dim) => T;
  /**
   * The transpose of `gather`: row i of the result is the sum of the updates whose index is i. int `indices` [...s],
   * `updates` [...s, ...rest] -> [rows, ...rest].
   */
  readonly scatterAdd: (indices: T, updates: T, rows: Dim) => T;
  /** The part [start, end) of any axis. */
  readonly slice: (x: T, axis: number, start: Dim, end: Dim) => T;
  /** Zeros before and after along an axis: the transpose of `slice`. */
  readonly pad: (x: T, axis: number, before: Dim, after: Dim) => T;
}
