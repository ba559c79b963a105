import { addDims, canonicalDim, multiplyDims, subtractDims } from '../dimensions.js';
import type { GraphOps } from '../graph-ops.js';
import type { DType, Shape } from '../ops.js';
import {
  broadcastShapes,
  checkSlice,
  concatShape,
  matMulShape,
  normalizeAxes,
  normalizeAxis,
  reduceShape,
  reshapeShape,
  shapeError,
  showShape,
  transposeShape,
} from '../shape-rules.js';
import type {
  BinaryKind,
  ComparisonKind,
  GraphNode,
  Operation,
  ReductionKind,
  UnaryKind,
} from './graph.js';

/** Makes a node, or finds the one that is already there. */
export type EmitNode = (
  operation: Operation,
  inputs: readonly GraphNode[],
  shape: Shape,
  dtype: DType,
) => GraphNode;

function requireType(operation: string, x: GraphNode, ...allowed: readonly DType[]): void {
  if (allowed.includes(x.dtype)) return;
  throw shapeError(
    operation,
    `a tensor of type ${x.dtype} cannot be used`,
    `Give one of type ${allowed.join(' or ')}.`,
  );
}

function requireSameType(operation: string, a: GraphNode, b: GraphNode): void {
  if (a.dtype === b.dtype) return;
  throw shapeError(
    operation,
    `the types ${a.dtype} and ${b.dtype} differ`,
    'Convert with toFloat first.',
  );
}

/** The operations on graph nodes: every call checks shapes and types, and emits a node. */
export function tracedOps(emit: EmitNode): GraphOps<GraphNode> {
  const unary =
    (kind: UnaryKind) =>
    (x: GraphNode): GraphNode => {
      requireType(kind, x, 'float32');
      return emit({ kind }, [x], x.shape, x.dtype);
    };
  const binary =
    (kind: BinaryKind) =>
    (a: GraphNode, b: GraphNode): GraphNode => {
      requireType(kind, a, 'float32', 'int32');
      requireSameType(kind, a, b);
      return emit({ kind }, [a, b], broadcastShapes(kind, a.shape, b.shape), a.dtype);
    };
  const comparison =
    (kind: ComparisonKind) =>
    (a: GraphNode, b: GraphNode): GraphNode => {
      requireSameType(kind, a, b);
      return emit({ kind }, [a, b], broadcastShapes(kind, a.shape, b.shape), 'bool');
    };
  const reduction =
    (kind: ReductionKind) =>
    (x: GraphNode, axes: readonly number[], keepDims = false): GraphNode => {
      requireType(kind, x, 'float32');
      const over = normalizeAxes(kind, axes, x.shape.length);
      return emit(
        { kind, axes: over, keepDims },
        [x],
        reduceShape(x.shape, over, keepDims),
        x.dtype,
      );
    };
  const rows =
    (kind: 'softmax' | 'logSoftmax') =>
    (x: GraphNode): GraphNode => {
      requireType(kind, x, 'float32');
      normalizeAxis(kind, -1, x.shape.length);
      return emit({ kind }, [x], x.shape, x.dtype);
    };

  return {
    shapeOf: (x) => x.shape,
    dtypeOf: (x) => x.dtype,
    constant: (values, shape) => {
      const list = typeof values === 'number' ? [values] : values;
      const dims = shape ?? (typeof values === 'number' ? [] : [list.length]);
      if (multiplyDims(dims) !== list.length) {
        throw shapeError(
          'constant',
          `${list.length} values do not fill ${showShape(dims)}`,
          'Give as many values as the shape has places.',
        );
      }
      return emit({ kind: 'constant', values: list }, [], dims, 'float32');
    },
    add: binary('add'),
    sub: binary('sub'),
    mul: binary('mul'),
    div: binary('div'),
    minimum: binary('minimum'),
    maximum: binary('maximum'),
    neg: unary('neg'),
    abs: unary('abs'),
    exp: unary('exp'),
    log: unary('log'),
    sqrt: unary('sqrt'),
    tanh: unary('tanh'),
    sigmoid: unary('sigmoid'),
    less: comparison('less'),
    lessEqual: comparison('lessEqual'),
    equal: comparison('equal'),
    where: (condition, a, b) => {
      requireType('where', condition, 'bool');
      requireSameType('where', a, b);
      const branches = broadcastShapes('where', a.shape, b.shape);
      return emit(
        { kind: 'where' },
        [condition, a, b],
        broadcastShapes('where', condition.shape, branches),
        a.dtype,
      );
    },
    toFloat: (x) => emit({ kind: 'toFloat' }, [x], x.shape, 'float32'),
    matMul: (a, b, options = {}) => {
      requireType('matMul', a, 'float32');
      requireType('matMul', b, 'float32');
      const transposeA = options.transposeA ?? false;
      const transposeB = options.transposeB ?? false;
      const shape = matMulShape(a.shape, b.shape, transposeA, transposeB);
      return emit({ kind: 'matMul', transposeA, transposeB }, [a, b], shape, 'float32');
    },
    reshape: (x, target) => {
      const shape = reshapeShape(x.shape, target);
      return emit({ kind: 'reshape', shape }, [x], shape, x.dtype);
    },
    transpose: (x, permutation) =>
      emit({ kind: 'transpose', permutation }, [x], transposeShape(x.shape, permutation), x.dtype),
    concat: (tensors, axis) => {
      const along = normalizeAxis('concat', axis, tensors[0]?.shape.length ?? 0);
      tensors.forEach((tensor) => requireSameType('concat', tensors[0]!, tensor));
      const shape = concatShape(
        tensors.map((tensor) => tensor.shape),
        along,
      );
      return emit({ kind: 'concat', axis: along }, tensors, shape, tensors[0]!.dtype);
    },
    slice: (x, axis, start, end) => {
      const along = normalizeAxis('slice', axis, x.shape.length);
      if (
        typeof start === 'number' &&
        typeof end === 'number' &&
        typeof x.shape[along] === 'number'
      ) {
        checkSlice(x.shape[along], start, end);
      }
      const length = subtractDims(end, start);
      const shape = x.shape.map((dim, at) => (at === along ? length : dim));
      return emit(
        { kind: 'slice', axis: along, start: canonicalDim(start), end: canonicalDim(end) },
        [x],
        shape,
        x.dtype,
      );
    },
    gather: (table, indices) => {
      requireType('gather', indices, 'int32');
      normalizeAxis('gather', 0, table.shape.length);
      return emit(
        { kind: 'gather' },
        [table, indices],
        [...indices.shape, ...table.shape.slice(1)],
        table.dtype,
      );
    },
    oneHot: (indices, depth) => {
      requireType('oneHot', indices, 'int32');
      return emit({ kind: 'oneHot', depth }, [indices], [...indices.shape, depth], 'float32');
    },
    sum: reduction('sum'),
    mean: reduction('mean'),
    max: reduction('max'),
    softmax: rows('softmax'),
    logSoftmax: rows('logSoftmax'),
    stopGradient: (x) => emit({ kind: 'stopGradient' }, [x], x.shape, x.dtype),
    broadcastTo: (x, shape) => emit({ kind: 'broadcastTo', shape }, [x], shape, x.dtype),
    dimension: (dim) =>
      typeof dim === 'number'
        ? emit({ kind: 'constant', values: [dim] }, [], [], 'float32')
        : emit({ kind: 'dimension', dim: canonicalDim(dim) }, [], [], 'float32'),
    scatterAdd: (indices, updates, size) =>
      emit(
        { kind: 'scatterAdd', rows: size },
        [indices, updates],
        [size, ...updates.shape.slice(indices.shape.length)],
        updates.dtype,
      ),
    pad: (x, axis, before, after) => {
      const shape = x.shape.map((dim, at) => (at === axis ? addDims([before, dim, after]) : dim));
      return emit({ kind: 'pad', axis, before, after }, [x], shape, x.dtype);
    },
  };
}
