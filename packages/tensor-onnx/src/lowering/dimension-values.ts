import { InvalidInputError } from '@spark-rl/core';
import { termsOfDim, type Dim, type Graph, type Shape } from '@spark-rl/tensor';

import type { OnnxModelBuilder } from '../onnx/onnx-model-builder.js';

/** Dimensions as int64 tensors inside the graph, computed from the shapes of its inputs. */
export interface DimensionValues {
  /** A dimension as an int64 tensor of shape [1]. */
  readonly value: (dim: Dim) => string;
  /** A shape as an int64 vector. */
  readonly vector: (shape: Shape) => string;
}

/** Opens the dimensions of `graph`. Each is computed once. */
export function dimensionValues(builder: OnnxModelBuilder, graph: Graph): DimensionValues {
  const known = new Map<string, string>();
  const remember = (key: string, make: () => string): string => {
    const name = known.get(key) ?? make();
    known.set(key, name);
    return name;
  };

  const named = (dim: string): string =>
    remember(dim, () => {
      for (const [input, { shape }] of Object.entries(graph.inputs)) {
        const axis = shape.indexOf(dim);
        if (axis >= 0) return builder.node('Shape', [input], { start: axis, end: axis + 1 });
      }
      throw new InvalidInputError(`${graph.name}: no input tells the size of ${dim}`, {
        field: dim,
        remedy: 'Give the program an input that has this dimension as an axis of its own.',
      });
    });
  const combine = (type: 'Add' | 'Mul', names: readonly string[]): string =>
    names.reduce((left, right) => builder.node(type, [left, right]));
  const value = (dim: Dim): string => {
    if (typeof dim === 'number') return builder.integers([dim]);
    return remember(dim, () => {
      const terms = termsOfDim(dim).map(({ coefficient, names }) => {
        const factors = names.map(named);
        return coefficient === 1 && factors.length > 0
          ? combine('Mul', factors)
          : combine('Mul', [builder.integers([coefficient]), ...factors]);
      });
      return combine('Add', terms);
    });
  };
  return {
    value,
    vector: (shape) => {
      if (shape.every((dim) => typeof dim === 'number')) return builder.integers(shape);
      return remember(`[${shape.join()}]`, () =>
        builder.node('Concat', shape.map(value), { axis: 0 }),
      );
    },
  };
}
