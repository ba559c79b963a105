import type { GraphOps } from '../graph-ops.js';
import type { GraphNode } from './graph.js';

/** The nodes that read a node. */
export type UsersOf = (node: GraphNode) => readonly GraphNode[];

/**
 * The gradient of y = x s with s = sigmoid(x) (SiLU) in x, through both factors at once: g (s + y (1 - s)), which reads the large tensors
 * four times where the two rules apart read them six times. Undefined where the node is another product.
 */
export function siluGradient(
  ops: GraphOps<GraphNode>,
  node: GraphNode,
  gradient: GraphNode,
): readonly [GraphNode, undefined] | readonly [undefined, GraphNode] | undefined {
  const [a, b] = node.inputs as readonly [GraphNode, GraphNode];
  const isSigmoidOf = (s: GraphNode, x: GraphNode): boolean =>
    s.operation.kind === 'sigmoid' && s.inputs[0] === x;
  const slope = (s: GraphNode): GraphNode =>
    ops.mul(gradient, ops.add(s, ops.mul(node, ops.sub(ops.constant(1), s))));
  if (isSigmoidOf(b, a)) return [slope(b), undefined];
  if (isSigmoidOf(a, b)) return [undefined, slope(a)];
  return undefined;
}

/**
 * What the rule for a softmax sums over the last axis: the products of its result Y and its gradient G. In attention Y is multiplied by
 * values V, and G = H V^T for the gradient H of that product O = Y V. Then the sum over a row of Y G is that of O H, which is as narrow as a
 * head (Dao et al., arXiv 2205.14135, appendix B.2), and O is there already.
 */
export function softmaxProducts(
  ops: GraphOps<GraphNode>,
  node: GraphNode,
  gradient: GraphNode,
  usersOf: UsersOf,
): GraphNode {
  const { operation, inputs } = gradient;
  const [outer, values] = inputs;
  const product =
    operation.kind === 'matMul' && operation.transposeB && !operation.transposeA
      ? usersOf(node).find(
          (user) =>
            user.operation.kind === 'matMul' &&
            !user.operation.transposeA &&
            !user.operation.transposeB &&
            user.inputs[0] === node &&
            user.inputs[1] === values,
        )
      : undefined;
  return product === undefined ? ops.mul(node, gradient) : ops.mul(product, outer!);
}
