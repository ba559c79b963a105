import type { GraphOps } from '../graph-ops.js';
import type { Dim, DType, Shape } from '../ops.js';
import type { Named, TensorSpec } from '../program.js';

export type UnaryKind = 'neg' | 'abs' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'sigmoid';
export type BinaryKind = 'add' | 'sub' | 'mul' | 'div' | 'minimum' | 'maximum';
export type ComparisonKind = 'less' | 'lessEqual' | 'equal';
export type ReductionKind = 'sum' | 'mean' | 'max';

/** What a node computes from its inputs: an operation of GraphOps with its settings. Shapes and axes are resolved: no -1 is left. */
export type Operation =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly values: readonly number[] | Float32Array }
  | { readonly kind: 'dimension'; readonly dim: Dim }
  | {
      readonly kind:
        | UnaryKind
        | BinaryKind
        | ComparisonKind
        | 'where'
        | 'toFloat'
        | 'softmax'
        | 'logSoftmax'
        | 'stopGradient'
        | 'gather';
    }
  | { readonly kind: 'matMul'; readonly transposeA: boolean; readonly transposeB: boolean }
  | { readonly kind: 'reshape' | 'broadcastTo'; readonly shape: Shape }
  | { readonly kind: 'transpose'; readonly permutation: readonly number[] }
  | { readonly kind: 'concat'; readonly axis: number }
  | { readonly kind: 'slice'; readonly axis: number; readonly start: Dim; readonly end: Dim }
  | { readonly kind: 'pad'; readonly axis: number; readonly before: Dim; readonly after: Dim }
  | { readonly kind: 'oneHot'; readonly depth: number }
  | { readonly kind: 'scatterAdd'; readonly rows: Dim }
  | { readonly kind: ReductionKind; readonly axes: readonly number[]; readonly keepDims: boolean };

/** A tensor of a graph: how it is computed, and its shape in named dimensions. */
export interface GraphNode {
  /** Counts up in order of making; inputs of a node have smaller numbers. */
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly GraphNode[];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A traced program. Only what the outputs need belongs to it. */
export interface Graph {
  readonly name: string;
  readonly inputs: Named<TensorSpec>;
  readonly outputs: Named<GraphNode>;
}

/** Where nodes are made. Equal nodes are made once: common subexpressions share. */
export interface GraphBuilder {
  /** The operations as functions on nodes: what a program is traced with, and what gradients are written in. */
  readonly ops: GraphOps<GraphNode>;
  /** The input of that name; asked again it must have the same type and shape. */
  readonly input: (name: string, spec: TensorSpec) => GraphNode;
}

/** Every node that `outputs` need, inputs before users. */
export function nodesOf(outputs: Iterable<GraphNode>): readonly GraphNode[] {
  const seen = new Set<GraphNode>();
  const waiting = [...outputs];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    waiting.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
