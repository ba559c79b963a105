import { InvalidInputError } from '@spark-rl/core';

import { evaluateDim, type DimBindings } from './dimensions.js';
import type { Named, TensorSpec } from './program.js';
import { showShape } from './shape-rules.js';

/** A name that stands alone at an axis, so that the axis tells its size. */
const PLAIN_NAME = /^[A-Za-z_]\w*$/;

/**
 * Finds the sizes of all named dimensions from the shapes of the inputs, and checks every shape against its spec.
 * Throws an InvalidInputError naming the input whose shape does not fit.
 */
export function bindDims(
  specs: Named<TensorSpec>,
  shapeOf: (name: string) => readonly number[],
): DimBindings {
  const bindings = new Map<string, number>();
  const entries = Object.entries(specs).map(([name, spec]) => ({
    name,
    spec,
    shape: shapeOf(name),
  }));
  for (const { spec, shape } of entries) {
    spec.shape.forEach((dim, axis) => {
      const size = shape[axis];
      if (typeof dim === 'string' && PLAIN_NAME.test(dim) && size !== undefined) {
        if (!bindings.has(dim)) bindings.set(dim, size);
      }
    });
  }
  for (const { name, spec, shape } of entries) {
    const expected = spec.shape.map((dim) => evaluateDim(dim, bindings));
    if (showShape(expected) === showShape(shape)) continue;
    const named = spec.shape.some((dim) => typeof dim === 'string');
    throw new InvalidInputError(
      `${name} has the shape ${showShape(shape)}, expected ${showShape(spec.shape)}` +
        (named ? `, here ${showShape(expected)}` : ''),
      { field: name, value: shape, remedy: 'Named dimensions must have one size in all inputs.' },
    );
  }
  return bindings;
}
