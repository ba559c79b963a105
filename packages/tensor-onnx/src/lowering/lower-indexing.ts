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

/**
 * Adds rows up at their indices, by ScatterElements: ONNX Runtime's ScatterND shares the rows among threads and adds without a lock,
 * so that rows of one index can be lost, and a run is not what the same run was before.
 *
 * @param narrowIndices - leave the indices int32: WebGPU has no int64, and the CPU takes almost twice as long with int32
 */
export function lowerScatterAdd(
  builder: OnnxModelBuilder,
  dims: DimensionValues,
  node: GraphNode,
  names: readonly [string, string],
  narrowIndices: boolean,
): string {
  const [given, updates] = names;
  const indices = narrowIndices ? given : builder.node('Cast', [given], { to: elementTypes.int64 });
  const rowShape = node.shape.slice(1);
  const zero = builder.initializer('float32', [], Float32Array.of(0));
  const zeros = builder.node('Expand', [zero, dims.vector(node.shape)]);
  const rows = builder.node('Reshape', [updates, dims.vector([-1, ...rowShape])]);
  const column = builder.node('Reshape', [
    indices,
    builder.integers([-1, ...rowShape.map(() => 1)]),
  ]);
  const everywhere = builder.node('Expand', [column, builder.node('Shape', [rows])]);
  return builder.node('ScatterElements', [zeros, everywhere, rows], { axis: 0, reduction: 'add' });
}
