import type { GraphOps } from '../graph-ops.js';
import type { GraphNode } from './graph.js';

function swapLastAxes(ops: GraphOps<GraphNode>, x: GraphNode): GraphNode {
  const axes = x.shape.map((_, axis) => axis);
  return ops.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** Sees [..., m, k] as the matrix [rows, k]: one large product is faster than many small ones. */
function asMatrix(ops: GraphOps<GraphNode>, x: GraphNode): GraphNode {
  return ops.reshape(x, [-1, x.shape.at(-1)!]);
}

/**
 * The gradients of a matrix product Y = op(A) op(B) with op(X) = X or its transpose: dA = dY op(B)^T and dB = op(A)^T dY, themselves
 * transposed where A or B was. Where B is one matrix for all leading axes, dB sums over them.
 */
export function matMulGradients(
  ops: GraphOps<GraphNode>,
  node: GraphNode,
  gradient: GraphNode,
): readonly [GraphNode, GraphNode] {
  const [a, b] = node.inputs as readonly [GraphNode, GraphNode];
  if (node.operation.kind !== 'matMul') return [a, b];
  const { transposeA, transposeB } = node.operation;
  const shared = b.shape.length === 2 && a.shape.length > 2;

  if (!shared) {
    return [
      transposeA
        ? ops.matMul(b, gradient, { transposeA: transposeB, transposeB: true })
        : ops.matMul(gradient, b, { transposeB: !transposeB }),
      transposeB
        ? ops.matMul(gradient, a, { transposeA: true, transposeB: transposeA })
        : ops.matMul(a, gradient, { transposeA: !transposeA }),
    ];
  }
  const right = asMatrix(ops, gradient);
  const left = asMatrix(ops, transposeA ? swapLastAxes(ops, a) : a);
  const toLeft = ops.matMul(gradient, b, { transposeB: !transposeB });
  return [
    transposeA ? swapLastAxes(ops, toLeft) : toLeft,
    transposeB
      ? ops.matMul(right, left, { transposeA: true })
      : ops.matMul(left, right, { transposeA: true }),
  ];
}
