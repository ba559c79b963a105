import { bindDims } from '../bind-dims.js';
import { evaluateDim, type DimBindings } from '../dimensions.js';
import type { GraphOps } from '../graph-ops.js';
import type { Dim } from '../ops.js';
import type { Named } from '../program.js';
import { nodesOf, type Graph, type GraphNode } from './graph.js';

function interpretNode<T>(
  node: GraphNode,
  ops: GraphOps<T>,
  inputs: Named<T>,
  values: ReadonlyMap<GraphNode, T>,
  bindings: DimBindings,
): T {
  const { operation } = node;
  const args = node.inputs.map((input) => values.get(input)!);
  const [a, b, c] = args as [T, T, T];
  const size = (dim: Dim): number => evaluateDim(dim, bindings);
  switch (operation.kind) {
    case 'input':
      return inputs[operation.name]!;
    case 'constant':
      return ops.constant(operation.values, node.shape as readonly number[]);
    case 'dimension':
      return ops.constant(size(operation.dim));
    case 'where':
      return ops.where(a, b, c);
    case 'matMul':
      return ops.matMul(a, b, operation);
    case 'reshape':
      return ops.reshape(a, operation.shape.map(size));
    case 'broadcastTo':
      return ops.broadcastTo(a, operation.shape.map(size));
    case 'transpose':
      return ops.transpose(a, operation.permutation);
    case 'concat':
      return ops.concat(args, operation.axis);
    case 'slice':
      return ops.slice(a, operation.axis, size(operation.start), size(operation.end));
    case 'pad':
      return ops.pad(a, operation.axis, size(operation.before), size(operation.after));
    case 'oneHot':
      return ops.oneHot(a, operation.depth);
    case 'scatterAdd':
      return ops.scatterAdd(a, b, size(operation.rows));
    case 'sum':
    case 'mean':
    case 'max':
      return ops[operation.kind](a, operation.axes, operation.keepDims);
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'minimum':
    case 'maximum':
    case 'less':
    case 'lessEqual':
    case 'equal':
    case 'gather':
      return ops[operation.kind](a, b);
    default:
      return ops[operation.kind](a);
  }
}

/** Computes a graph with the operations given. `inputs` are named as in the graph; their sizes bind the named dimensions. */
export function interpret<T>(graph: Graph, ops: GraphOps<T>, inputs: Named<T>): Record<string, T> {
  const bindings = bindDims(
    graph.inputs,
    (name) => ops.shapeOf(inputs[name]!) as readonly number[],
  );
  const values = new Map<GraphNode, T>();
  for (const node of nodesOf(Object.values(graph.outputs))) {
    values.set(node, interpretNode(node, ops, inputs, values, bindings));
  }
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, node]) => [name, values.get(node)!]),
  );
}
