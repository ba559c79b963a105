import type { GraphNode } from '@spark-rl/tensor';

import type { OnnxModelBuilder } from '../onnx/onnx-model-builder.js';

const types = { sum: 'ReduceSum', mean: 'ReduceMean', max: 'ReduceMax' } as const;

/**
 * ONNX Runtime adds up a row in groups that begin where its address is a multiple of 64 bytes. Rows of 16 floats, or a multiple of it,
 * all begin so; of others the result would depend on where in the batch the row stands.
 */
const ALIGNED_ROW = 16;

/** A sum, mean or maximum over some axes. */
export function lowerReduction(builder: OnnxModelBuilder, node: GraphNode, x: string): string {
  const { operation } = node;
  if (!('axes' in operation)) return x;
  const { kind, axes } = operation;
  const keepdims = operation.keepDims ? 1 : 0;
  const { shape } = node.inputs[0]!;
  const width = shape.at(-1);
  const overRows = axes.length === 1 && axes[0] === shape.length - 1;
  if (kind === 'max' || !overRows || typeof width !== 'number' || width % ALIGNED_ROW === 0) {
    return builder.node(types[kind], [x, builder.integers(axes)], { keepdims });
  }
  const missing = ALIGNED_ROW - (width % ALIGNED_ROW);
  // For all axes, as every Pad (see lowerGraph).
  const pads = Array.from({ length: 2 * shape.length }, () => 0).with(-1, missing);
  const padded = builder.node('Pad', [x, builder.integers(pads)]);
  const sum = builder.node('ReduceSum', [padded, builder.integers(axes)], { keepdims });
  if (kind === 'sum') return sum;
  return builder.node('Div', [sum, builder.initializer('float32', [], Float32Array.of(width))]);
}
