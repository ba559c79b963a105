import type { GraphOps } from '../graph-ops.js';
import type { Dim } from '../ops.js';
import { addDims } from '../dimensions.js';
import type { GraphNode } from './graph.js';

interface Padded {
  readonly node: GraphNode;
  readonly source: GraphNode;
  readonly axis: number;
  readonly before: Dim;
}

function asPadded(node: GraphNode): Padded | undefined {
  if (node.operation.kind !== 'pad') return undefined;
  const { axis, before } = node.operation;
  return { node, source: node.inputs[0]!, axis, before };
}

/**
 * Joins summands that are zero outside disjoint neighbouring parts of one axis, as the gradients of slices are: instead of padding each and
 * adding them up, they are concatenated. Gives the summands that remain.
 */
export function joinPads(
  ops: GraphOps<GraphNode>,
  summands: readonly GraphNode[],
): readonly GraphNode[] {
  const padded = summands.map(asPadded).filter((entry) => entry !== undefined);
  const [first] = padded;
  if (first === undefined || padded.length < 2) return summands;
  const waiting = padded.filter(({ axis }) => axis === first.axis);
  const parts: Padded[] = [];
  let position: Dim = 0;
  for (;;) {
    const at = waiting.findIndex(({ before }) => before === position);
    const [next] = at < 0 ? [] : waiting.splice(at, 1);
    if (next === undefined) break;
    parts.push(next);
    position = addDims([position, next.source.shape[first.axis]!]);
  }
  // Joined only where the parts cover the whole axis: a gap would need padding again.
  if (parts.length < 2 || position !== first.node.shape[first.axis]) return summands;
  const joined = ops.concat(
    parts.map(({ source }) => source),
    first.axis,
  );
  const remaining = [...summands];
  for (const { node } of parts) remaining.splice(remaining.indexOf(node), 1);
  return [joined, ...remaining];
}
