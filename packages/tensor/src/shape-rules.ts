import { InvalidInputError } from '@spark-rl/core';

import { addDims, canonicalDim, divideDims, multiplyDims } from './dimensions.js';
import type { Dim, Shape } from './ops.js';

/** Shows a shape in a message: `[batch, 16]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** An error about shapes that do not fit an operation. */
export function shapeError(operation: string, message: string, remedy: string): InvalidInputError {
  return new InvalidInputError(`${operation}: ${message}`, { field: operation, remedy });
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** Makes an axis count from 0. Throws an InvalidInputError when there is no such axis. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    throw shapeError(
      operation,
      `there is no axis ${axis} in a tensor of rank ${rank}`,
      `Give an axis in [${-rank}, ${rank}).`,
    );
  }
  return normal;
}

/** Axes counting from 0, in ascending order, each once. */
export function normalizeAxes(operation: string, axes: readonly number[], rank: number): number[] {
  const normal = axes.map((axis) => normalizeAxis(operation, axis, rank));
  return [...new Set(normal)].sort((a, b) => a - b);
}

/** The shape that NumPy's broadcasting gives. A named dimension fits only itself and 1. */
export function broadcastShapes(operation: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis): Dim => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw shapeError(
      operation,
      `the shapes ${showShape(a)} and ${showShape(b)} do not broadcast`,
      'Make the dimensions equal, or one of them 1.',
    );
  });
}

/** The axes of `from` over which a gradient is summed to give it the shape `to`, which broadcasts to `from`. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const extra = from.length - to.length;
  return from.flatMap((dim, axis) =>
    axis < extra || (to[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  );
}

/** The shape of a matrix product, see `TensorOps.matMul`. */
export function matMulShape(a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): Shape {
  const fail = (): never => {
    const hat = (flag: boolean): string => (flag ? ' transposed' : '');
    throw shapeError(
      'matMul',
      `the shapes ${showShape(a)}${hat(transposeA)} and ${showShape(b)}${hat(transposeB)} do not fit`,
      'Give [..., m, k] and [k, n], or equal leading axes with [m, k] and [k, n].',
    );
  };
  if (a.length < 2 || b.length < 2) fail();
  const [m, k] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [inner, n] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  if (k !== inner) fail();
  if (b.length > 2 && !sameShape(a.slice(0, -2), b.slice(0, -2))) fail();
  return [...a.slice(0, -2), m, n];
}

/** The target of a reshape with every entry known; -1 takes what is left, a name stands for the dimension it names. */
export function reshapeShape(from: Shape, target: Shape): Shape {
  const open = target.indexOf(-1);
  const wanted = target.map((dim) => (dim === -1 ? dim : canonicalDim(dim)));
  const fail = (): never => {
    throw shapeError(
      'reshape',
      `${showShape(from)} cannot be seen as ${showShape(target)}`,
      'Keep the number of elements; at most one entry may be -1.',
    );
  };
  if (open >= 0) {
    if (target.lastIndexOf(-1) !== open) fail();
    const known = wanted.filter((_, axis) => axis !== open);
    // Beside a dimension of size 0 any quotient would do; 0 is the only one that every engine agrees on.
    wanted[open] = known.includes(0) ? 0 : (divideDims(from, known) ?? fail());
  }
  if (multiplyDims(from) !== multiplyDims(wanted)) fail();
  return wanted;
}

/** The shape after a transpose. Throws an InvalidInputError when `permutation` does not name every axis once. */
export function transposeShape(shape: Shape, permutation: readonly number[]): Shape {
  const complete =
    permutation.length === shape.length && shape.every((_, axis) => permutation.includes(axis));
  if (!complete) {
    throw shapeError(
      'transpose',
      `the permutation [${permutation.join(', ')}] does not fit the shape ${showShape(shape)}`,
      'Name every axis exactly once, counting from 0.',
    );
  }
  return permutation.map((axis) => shape[axis]!);
}

/** The shape after joining along `axis` (counting from 0). */
export function concatShape(shapes: readonly Shape[], axis: number): Shape {
  const [first] = shapes;
  const rest = (shape: Shape): Shape => shape.filter((_, at) => at !== axis);
  if (first === undefined || shapes.some((shape) => !sameShape(rest(shape), rest(first)))) {
    throw shapeError(
      'concat',
      `the shapes ${shapes.map(showShape).join(', ')} cannot be joined along axis ${axis}`,
      'Give at least one tensor; all dimensions but that axis must be equal.',
    );
  }
  return first.map((dim, at) => (at === axis ? addDims(shapes.map((shape) => shape[axis]!)) : dim));
}

/** The shape after reducing over `axes` (counting from 0). */
export function reduceShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return keepDims
    ? shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** Checks the bounds of a slice of a numeric axis. */
export function checkSlice(size: Dim, start: number, end: number): void {
  const whole = Number.isInteger(start) && Number.isInteger(end);
  if (typeof size !== 'number' || !whole || start < 0 || end < start || end > size) {
    throw shapeError(
      'slice',
      `[${start}, ${end}) is not a part of an axis of size ${size}`,
      'Give 0 <= start <= end <= size; only axes of a known size can be sliced.',
    );
  }
}
