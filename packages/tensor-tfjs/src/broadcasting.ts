import type { Tfjs, TfjsTensor } from './tfjs.js';

/** The axes of `to` along which a tensor of shape `from` is repeated when it broadcasts to it (axes align at the end). */
export function repeatedAxes(from: readonly number[], to: readonly number[]): number[] {
  const added = to.length - from.length;
  return to.flatMap((size, axis) => (axis < added || from[axis - added] !== size ? [axis] : []));
}

/** Sums a gradient of a broadcast result back to the shape of the operand that was broadcast. */
export function sumTo(tf: Tfjs, x: TfjsTensor, shape: readonly number[]): TfjsTensor {
  const axes = repeatedAxes(shape, x.shape);
  return axes.length === 0 ? x : tf.reshape(tf.sum(x, axes), [...shape]);
}
