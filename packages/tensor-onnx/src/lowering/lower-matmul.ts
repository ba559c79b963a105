import type { GraphNode } from '@spark-rl/tensor';

import type { OnnxModelBuilder } from '../onnx/onnx-model-builder.js';

/**
 * A matrix product. Two matrices become a Gemm, which transposes as it reads; ONNX's MatMul cannot, but ONNX Runtime joins a Transpose
 * of the last two axes into it.
 */
export function lowerMatMul(
  builder: OnnxModelBuilder,
  node: GraphNode,
  names: readonly [string, string],
): string {
  const { operation, inputs } = node;
  if (operation.kind !== 'matMul') return names[0];
  const { transposeA, transposeB } = operation;
  if (node.shape.length === 2) {
    return builder.node('Gemm', names, {
      transA: transposeA ? 1 : 0,
      transB: transposeB ? 1 : 0,
    });
  }
  const swapped = (at: 0 | 1): string => {
    const axes = inputs[at]!.shape.map((_, axis) => axis);
    return builder.node('Transpose', [names[at]], {
      perm: [...axes.slice(0, -2), axes.length - 1, axes.length - 2],
    });
  };
  return builder.node('MatMul', [
    transposeA ? swapped(0) : names[0],
    transposeB ? swapped(1) : names[1],
  ]);
}
