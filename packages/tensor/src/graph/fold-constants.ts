import { float64Ops } from '../float64/float64-ops.js';
import type { GraphNode, Operation } from './graph.js';
import { interpret } from './interpret.js';
import type { NodeRecipe } from './simplify.js';

/** A larger result is left to the engine: it would only make the graph long. */
const LARGEST_FOLDED = 4096;

/** Operations that stay: what comes from outside, what is not a float, and what only makes a tensor larger. */
const KEPT: ReadonlySet<Operation['kind']> = new Set([
  'input',
  'constant',
  'dimension',
  'broadcastTo',
]);

/**
 * Computes a node whose inputs are all constants, in float64, and gives the constant to use instead. Undefined where the node is none
 * of that kind.
 */
export function foldConstants(recipe: NodeRecipe): NodeRecipe | undefined {
  const { operation, inputs, shape, dtype } = recipe;
  if (KEPT.has(operation.kind) || dtype !== 'float32' || inputs.length === 0) return undefined;
  if (inputs.some((input) => input.operation.kind !== 'constant')) return undefined;
  let size = 1;
  for (const dim of shape) {
    if (typeof dim !== 'number') return undefined;
    size *= dim;
  }
  if (size > LARGEST_FOLDED) return undefined;
  const node: GraphNode = { ...recipe, id: Infinity };
  const graph = { name: operation.kind, inputs: {}, outputs: { value: node } };
  const { value } = interpret(graph, float64Ops, {});
  return {
    operation: { kind: 'constant', values: Array.from(value!.data) },
    inputs: [],
    shape,
    dtype,
  };
}
