import type { GraphNode } from '@spark-rl/tensor';

import { elementTypes } from '../onnx/onnx-model.js';
import type { OnnxModelBuilder } from '../onnx/onnx-model-builder.js';
import type { DimensionValues } from './dimension-values.js';

/** One-hot rows by comparing with 0, 1, ...: ONNX's OneHot would count a negative index from the end. */
export function lowerOneHot(builder: OnnxModelBuilder, depth: number, indices: string): string {
  const column = builder.node('Unsqueeze', [indices, builder.integers([-1])]);
  const classes = builder.initializer(
    'int32',
    [depth],
    Int32Array.from({ length: depth }, (_, index) => index),
  );
  const hits = builder.node('Equal', [column, classes]);
  return builder.node('Cast', [hits], { to: elementTypes.float32 });
}

/** Adds rows up at their indices. */
export function lowerScatterAdd(
  builder: OnnxModelBuilder,
  dims: DimensionValues,
  node: GraphNode,
  names: readonly [string, string],
): string {
  const [indices, updates] = names;
  const zero = builder.initializer('float32', [], Float32Array.of(0));
  const zeros = builder.node('Expand', [zero, dims.vector(node.shape)]);
  const wide = builder.node('Cast', [indices], { to: elementTypes.int64 });
  const rows = builder.node('Unsqueeze', [wide, builder.integers([-1])]);
  return builder.node('ScatterND', [zeros, rows, updates], { reduction: 'add' });
}
