import {
  nodesOf,
  type Dim,
  type Graph,
  type GraphNode,
  type HostTensor,
  type Named,
  type Shape,
} from '@spark-rl/tensor';

import { elementTypes, type OnnxModel } from '../onnx/onnx-model.js';
import { onnxModelBuilder, type OnnxModelBuilder } from '../onnx/onnx-model-builder.js';
import { dimensionValues, type DimensionValues } from './dimension-values.js';
import { lowerOneHot, lowerScatterAdd } from './lower-indexing.js';
import { lowerMatMul } from './lower-matmul.js';
import { lowerReduction } from './lower-reduction.js';

/** Operations that ONNX has under another name, with the same meaning. */
const SAME_MEANING: Readonly<Record<string, string>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  minimum: 'Min',
  maximum: 'Max',
  neg: 'Neg',
  abs: 'Abs',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  less: 'Less',
  lessEqual: 'LessOrEqual',
  equal: 'Equal',
  where: 'Where',
};

/** The vector for ONNX's Reshape: 0 keeps a dimension of `from`, and -1 stands for one that is not known. */
function reshapeVector(
  dims: DimensionValues,
  builder: OnnxModelBuilder,
  from: Shape,
  to: Shape,
): string {
  const kept = to.map((dim, axis) => (typeof dim === 'string' && dim === from[axis] ? 0 : dim));
  const open = kept.filter((dim) => typeof dim === 'string');
  return open.length <= 1
    ? builder.integers(kept.map((dim) => (typeof dim === 'string' ? -1 : dim)))
    : dims.vector(to);
}

/** What an execution provider can do. */
export interface LoweringTarget {
  /** Writes LogSoftmax as x - max - log(sum(exp(x - max))), for providers that would take it to the CPU. Default false. */
  readonly composedLogSoftmax?: boolean;
  /** Leaves indices int32 where ONNX Runtime's CPU kernels would rather have int64. Default false. */
  readonly narrowIndices?: boolean;
}

function composedLogSoftmax(builder: OnnxModelBuilder, x: string): string {
  const last = builder.integers([-1]);
  const below = builder.node('Sub', [x, builder.node('ReduceMax', [x, last], { keepdims: 1 })]);
  const total = builder.node('ReduceSum', [builder.node('Exp', [below]), last], { keepdims: 1 });
  return builder.node('Sub', [below, builder.node('Log', [total])]);
}

function lowerNode(
  builder: OnnxModelBuilder,
  dims: DimensionValues,
  node: GraphNode,
  names: readonly string[],
  target: LoweringTarget,
): string {
  const { operation } = node;
  const [a, b] = names as readonly [string, string];
  switch (operation.kind) {
    case 'input':
      return operation.name;
    case 'constant':
      return builder.initializer(
        'float32',
        node.shape as readonly number[],
        Float32Array.from(operation.values),
      );
    case 'dimension': {
      const size = builder.node('Cast', [dims.value(operation.dim)], { to: elementTypes.float32 });
      return builder.node('Squeeze', [size, builder.integers([0])]);
    }
    case 'toFloat':
      return builder.node('Cast', [a], { to: elementTypes.float32 });
    case 'stopGradient':
      return a;
    case 'matMul':
      return lowerMatMul(builder, node, [a, b]);
    case 'reshape':
      return builder.node('Reshape', [
        a,
        reshapeVector(dims, builder, node.inputs[0]!.shape, operation.shape),
      ]);
    case 'broadcastTo':
      return builder.node('Expand', [a, dims.vector(operation.shape)]);
    case 'transpose':
      return builder.node('Transpose', [a], { perm: operation.permutation });
    case 'concat':
      return builder.node('Concat', names, { axis: operation.axis });
    case 'slice':
      return builder.node('Slice', [
        a,
        dims.value(operation.start),
        dims.value(operation.end),
        builder.integers([operation.axis]),
      ]);
    case 'pad': {
      // For all axes: where a Pad names its axes, ONNX Runtime's optimizer breaks it when it moves a Transpose over it.
      const around = (amount: Dim): Dim[] =>
        node.shape.map((_, axis) => (axis === operation.axis ? amount : 0));
      const pads = dims.vector([...around(operation.before), ...around(operation.after)]);
      return builder.node('Pad', [a, pads]);
    }
    case 'gather':
      return builder.node('Gather', [a, b], { axis: 0 });
    case 'oneHot':
      return lowerOneHot(builder, operation.depth, a);
    case 'scatterAdd':
      return lowerScatterAdd(builder, dims, node, [a, b], target.narrowIndices ?? false);
    case 'sum':
    case 'mean':
    case 'max':
      return lowerReduction(builder, node, a);
    case 'softmax':
      return builder.node('Softmax', [a], { axis: -1 });
    case 'logSoftmax':
      return target.composedLogSoftmax
        ? composedLogSoftmax(builder, a)
        : builder.node('LogSoftmax', [a], { axis: -1 });
    default:
      return builder.node(SAME_MEANING[operation.kind]!, names);
  }
}

/**
 * Writes a graph as an ONNX model. Inputs keep their names, outputs get those of `outputName`. Inputs with a value in `constants` become
 * a part of the model.
 */
export function lowerGraph(
  graph: Graph,
  constants: Named<HostTensor> = {},
  target: LoweringTarget = {},
): OnnxModel {
  const builder = onnxModelBuilder();
  const dims = dimensionValues(builder, graph);
  const names = new Map<GraphNode, string>();
  for (const node of nodesOf(Object.values(graph.outputs))) {
    const constant = node.operation.kind === 'input' ? constants[node.operation.name] : undefined;
    if (constant !== undefined) {
      names.set(node, builder.initializer(constant.dtype, constant.shape, constant.data));
      continue;
    }
    const inputs = node.inputs.map((input) => names.get(input)!);
    names.set(node, lowerNode(builder, dims, node, inputs, target));
  }
  // Inputs and outputs may have the same name (a parameter before and after), and ONNX allows a name only once.
  for (const [name, node] of Object.entries(graph.outputs)) {
    builder.nodeTo(outputName(name), 'Identity', [names.get(node)!]);
  }
  return builder.finish(
    graph.name,
    Object.entries(graph.inputs)
      .filter(([name]) => !(name in constants))
      .map(([name, { dtype, shape }]) => ({ name, type: dtype, shape })),
    Object.entries(graph.outputs).map(([name, { dtype, shape }]) => ({
      name: outputName(name),
      type: dtype,
      shape,
    })),
  );
}

/** What an output of a graph is called in the ONNX model. */
export function outputName(name: string): string {
  return `new ${name}`;
}
