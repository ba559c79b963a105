import { multiplyDims } from '../dimensions.js';
import type { GraphOps } from '../graph-ops.js';
import type { Shape } from '../ops.js';
import { broadcastAxes, reduceShape } from '../shape-rules.js';
import { siluGradient, softmaxProducts, type UsersOf } from './composite-gradients.js';
import { layoutRule } from './layout-gradient-rules.js';
import type { GraphNode } from './graph.js';
import { matMulGradients } from './matmul-gradient.js';

/** What a rule gives for each input of the node: its share of the gradient, or undefined where there is none. */
export type InputGradients = readonly (GraphNode | undefined)[];

/** Sums a gradient over the axes that broadcasting added, so that it gets the shape `shape`. */
export function sumToShape(ops: GraphOps<GraphNode>, gradient: GraphNode, shape: Shape): GraphNode {
  return ops.reshape(ops.sum(gradient, broadcastAxes(gradient.shape, shape)), shape);
}

function reductionRule(
  ops: GraphOps<GraphNode>,
  node: GraphNode,
  gradient: GraphNode,
): InputGradients {
  const { operation } = node;
  if (!('axes' in operation)) return [];
  const [x] = node.inputs as readonly [GraphNode];
  const kept = ops.reshape(gradient, reduceShape(x.shape, operation.axes, true));
  const spread = (value: GraphNode): InputGradients => [ops.broadcastTo(value, x.shape)];
  if (operation.kind === 'sum') return spread(kept);
  if (operation.kind === 'mean') {
    const count = ops.dimension(multiplyDims(operation.axes.map((axis) => x.shape[axis]!)));
    return spread(ops.div(kept, count));
  }
  // Elements that share the maximum share its gradient.
  const top = ops.reshape(node, kept.shape);
  const atTop = ops.toFloat(ops.equal(x, top));
  return [ops.mul(atTop, ops.div(kept, ops.sum(atTop, operation.axes, true)))];
}

function binaryRule(
  ops: GraphOps<GraphNode>,
  node: GraphNode,
  g: GraphNode,
): readonly [GraphNode, GraphNode] {
  const [a, b] = node.inputs as readonly [GraphNode, GraphNode];
  const zero = ops.constant(0);
  switch (node.operation.kind) {
    case 'sub':
      return [g, ops.neg(g)];
    case 'mul':
      return [ops.mul(g, b), ops.mul(g, a)];
    case 'div': {
      const share = ops.div(g, b);
      return [share, ops.neg(ops.mul(share, node))];
    }
    case 'minimum':
    case 'maximum': {
      const takesA = node.operation.kind === 'minimum' ? ops.lessEqual(a, b) : ops.lessEqual(b, a);
      return [ops.where(takesA, g, zero), ops.where(takesA, zero, g)];
    }
    default:
      return [g, g];
  }
}

function unaryRule(
  ops: GraphOps<GraphNode>,
  node: GraphNode,
  g: GraphNode,
  usersOf: UsersOf,
): GraphNode | undefined {
  const [x] = node.inputs as readonly [GraphNode];
  const one = ops.constant(1);
  const zero = ops.constant(0);
  const lastAxis = [node.shape.length - 1];
  switch (node.operation.kind) {
    case 'neg':
      return ops.neg(g);
    case 'abs':
      return ops.where(ops.less(x, zero), ops.neg(g), ops.where(ops.equal(x, zero), zero, g));
    case 'exp':
      return ops.mul(g, node);
    case 'log':
      return ops.div(g, x);
    case 'sqrt':
      return ops.div(ops.mul(g, ops.constant(0.5)), node);
    case 'tanh':
      return ops.mul(g, ops.sub(one, ops.mul(node, node)));
    case 'sigmoid':
      return ops.mul(g, ops.mul(node, ops.sub(one, node)));
    case 'toFloat':
      return x.dtype === 'float32' ? g : undefined;
    case 'softmax': {
      const products = softmaxProducts(ops, node, g, usersOf);
      return ops.mul(node, ops.sub(g, ops.sum(products, lastAxis, true)));
    }
    case 'logSoftmax':
      return ops.sub(g, ops.mul(ops.exp(node), ops.sum(g, lastAxis, true)));
    default:
      return undefined;
  }
}

/**
 * The gradients of a node's inputs from the gradient of the node, written in the operations themselves, so that they can be
 * interpreted, compiled and differentiated like any program.
 *
 * @param usersOf - the nodes of the loss that read a node: rules may use what is computed there anyway
 */
export function inputGradients(
  ops: GraphOps<GraphNode>,
  node: GraphNode,
  gradient: GraphNode,
  usersOf: UsersOf,
): InputGradients {
  const silu = node.operation.kind === 'mul' ? siluGradient(ops, node, gradient) : undefined;
  if (silu !== undefined) return silu;
  switch (node.operation.kind) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'minimum':
    case 'maximum':
      return binaryRule(ops, node, gradient).map((share, at) =>
        sumToShape(ops, share, node.inputs[at]!.shape),
      );
    case 'where': {
      const [condition, a, b] = node.inputs as readonly [GraphNode, GraphNode, GraphNode];
      const zero = ops.constant(0);
      return [
        undefined,
        sumToShape(ops, ops.where(condition, gradient, zero), a.shape),
        sumToShape(ops, ops.where(condition, zero, gradient), b.shape),
      ];
    }
    case 'broadcastTo':
      return [sumToShape(ops, gradient, node.inputs[0]!.shape)];
    case 'sum':
    case 'mean':
    case 'max':
      return reductionRule(ops, node, gradient);
    case 'matMul':
      return matMulGradients(ops, node, gradient);
    case 'reshape':
    case 'transpose':
    case 'concat':
    case 'slice':
    case 'pad':
    case 'gather':
    case 'scatterAdd':
      return layoutRule(ops, node, gradient);
    default:
      return [unaryRule(ops, node, gradient, usersOf)];
  }
}
