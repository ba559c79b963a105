import { InvalidInputError } from '@spark-rl/core';

import { canonicalDim } from '../dimensions.js';
import { sameShape, showShape } from '../shape-rules.js';
import { foldConstants } from './fold-constants.js';
import type { GraphBuilder, GraphNode, Operation } from './graph.js';
import { simplify } from './simplify.js';
import { tracedOps } from './traced-ops.js';

/** Longer constants are not compared: that would cost more than it saves. */
const LONGEST_COMPARED_CONSTANT = 4096;

function nodeKey(
  operation: Operation,
  inputs: readonly GraphNode[],
  shape: string,
): string | undefined {
  if (operation.kind === 'constant') {
    if (operation.values.length > LONGEST_COMPARED_CONSTANT) return undefined;
    // JSON writes NaN and the infinities all as null.
    return `constant ${Array.from(operation.values, (value) => (Object.is(value, -0) ? '-0' : String(value))).join()} ${shape}`;
  }
  return `${JSON.stringify(operation)} ${inputs.map((node) => node.id).join()}`;
}

/** Opens an empty graph. */
export function graphBuilder(): GraphBuilder {
  const made = new Map<string, GraphNode>();
  let count = 0;
  const ops = tracedOps((operation, inputs, shape, dtype) => {
    const simpler = simplify({ operation, inputs, shape, dtype });
    if ('id' in simpler) return simpler;
    const simple = foldConstants(simpler) ?? simpler;
    const key = nodeKey(simple.operation, simple.inputs, showShape(simple.shape));
    const existing = key === undefined ? undefined : made.get(key);
    if (existing !== undefined) return existing;
    const node: GraphNode = { id: count++, ...simple };
    if (key !== undefined) made.set(key, node);
    return node;
  });
  return {
    ops,
    input: (name, spec) => {
      const key = `input ${name}`;
      const shape = spec.shape.map(canonicalDim);
      const existing = made.get(key);
      if (existing !== undefined) {
        if (existing.dtype === spec.dtype && sameShape(existing.shape, shape)) return existing;
        throw new InvalidInputError(`the input ${name} was declared with two shapes or types`, {
          field: name,
          remedy: 'Declare each input once.',
        });
      }
      const operation: Operation = { kind: 'input', name };
      const node: GraphNode = { id: count++, operation, inputs: [], shape, dtype: spec.dtype };
      made.set(key, node);
      return node;
    },
  };
}
