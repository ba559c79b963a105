import { addDims, subtractDims } from '../dimensions.js';
import type { GraphOps } from '../graph-ops.js';
import type { Dim } from '../ops.js';
import type { GraphNode } from './graph.js';
import type { InputGradients } from './gradient-rules.js';

/** Gradients of the operations that only move numbers: each is the transpose of the move. */
export function layoutRule(
  ops: GraphOps<GraphNode>,
  node: GraphNode,
  gradient: GraphNode,
): InputGradients {
  const { operation } = node;
  const [x] = node.inputs as readonly [GraphNode];
  switch (operation.kind) {
    case 'reshape':
      return [ops.reshape(gradient, x.shape)];
    case 'transpose': {
      const { permutation } = operation;
      const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
      return [ops.transpose(gradient, inverse)];
    }
    case 'concat': {
      let start: Dim = 0;
      return node.inputs.map((input) => {
        const from = start;
        start = addDims([from, input.shape[operation.axis]!]);
        return ops.slice(gradient, operation.axis, from, start);
      });
    }
    case 'slice': {
      const after = subtractDims(x.shape[operation.axis]!, operation.end);
      return [ops.pad(gradient, operation.axis, operation.start, after)];
    }
    case 'pad': {
      const end = addDims([operation.before, x.shape[operation.axis]!]);
      return [ops.slice(gradient, operation.axis, operation.before, end)];
    }
    case 'gather':
      return [ops.scatterAdd(node.inputs[1]!, gradient, x.shape[0]!), undefined];
    case 'scatterAdd':
      return [undefined, ops.gather(gradient, x)];
    default:
      return [];
  }
}
