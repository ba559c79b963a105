/** A dimension: a number, or the name of one that is known only when the program runs, such as `"batch"`. */
export type Dim = number | string;
export type Shape = readonly Dim[];
export type DType = 'float32' | 'int32' | 'bool';

/**
 * The operations that a model or a loss may use. A tensor program is an ordinary function over this object, generic in the
 * tensor type, so that the same program runs eagerly on tfjs, is traced to a graph for ONNX, or is computed in float64 by a test.
 *
 * Elementwise operations broadcast as NumPy does. Axes count from 0; negative axes count from the end. Programs must not
 * branch on data, only on shapes. `float` below means float32 on engines and float64 in the reference.
 */
export interface TensorOps<T> {
  readonly shapeOf: (x: T) => Shape;
  readonly dtypeOf: (x: T) => DType;

  /** A float constant; a number gives a scalar (shape []). `values` are in row-major order. */
  readonly constant: (
    values: number | readonly number[] | Float32Array,
    shape?: readonly number[],
  ) => T;

  readonly add: (a: T, b: T) => T;
  readonly sub: (a: T, b: T) => T;
  readonly mul: (a: T, b: T) => T;
  readonly div: (a: T, b: T) => T;
  /** Elementwise minimum; where a = b the gradient goes to `a`. */
  readonly minimum: (a: T, b: T) => T;
  /** Elementwise maximum; where a = b the gradient goes to `a`. */
  readonly maximum: (a: T, b: T) => T;
  readonly neg: (x: T) => T;
  readonly abs: (x: T) => T;
  readonly exp: (x: T) => T;
  readonly log: (x: T) => T;
  readonly sqrt: (x: T) => T;
  readonly tanh: (x: T) => T;
  readonly sigmoid: (x: T) => T;

  /** Comparisons give bool tensors; they have no gradient. */
  readonly less: (a: T, b: T) => T;
  readonly lessEqual: (a: T, b: T) => T;
  readonly equal: (a: T, b: T) => T;
  /** `condition ? a : b`, elementwise; all three broadcast. */
  readonly where: (condition: T, a: T, b: T) => T;
  /** Converts to float: true is 1, false is 0; integers keep their value. */
  readonly toFloat: (x: T) => T;

  /**
   * Matrix product over the last two axes. Either `b` is a matrix [k, n] and `a` is [..., m, k], or both have the same leading
   * axes. `transposeA` / `transposeB` swap the last two axes first.
   */
  readonly matMul: (
    a: T,
    b: T,
    options?: { readonly transposeA?: boolean; readonly transposeB?: boolean },
  ) => T;

  /**
   * Reshapes in row-major order. A named dimension must stand at the same axis as in `x`; at most one entry may be -1,
   * which takes what is left.
   */
  readonly reshape: (x: T, shape: Shape) => T;
  readonly transpose: (x: T, permutation: readonly number[]) => T;
  readonly concat: (tensors: readonly T[], axis: number) => T;
  /** The part [start, end) of a numeric axis. */
  readonly slice: (x: T, axis: number, start: number, end: number) => T;

  /** Rows of a table: `table` [n, ...rest], int `indices` [...s] in [0, n) -> [...s, ...rest]. Differentiable in `table`. */
  readonly gather: (table: T, indices: T) => T;
  /** 1 at the index and 0 elsewhere, as float: int `indices` [...s] -> [...s, depth]; an index outside [0, depth) gives zeros. */
  readonly oneHot: (indices: T, depth: number) => T;

  readonly sum: (x: T, axes: readonly number[], keepDims?: boolean) => T;
  readonly mean: (x: T, axes: readonly number[], keepDims?: boolean) => T;
  readonly max: (x: T, axes: readonly number[], keepDims?: boolean) => T;
  /** Over the last axis. */
  readonly softmax: (x: T) => T;
  /** Over the last axis. */
  readonly logSoftmax: (x: T) => T;

  /** The same value, with a gradient of zero. */
  readonly stopGradient: (x: T) => T;
}
