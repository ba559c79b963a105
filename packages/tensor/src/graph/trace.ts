import { InvalidInputError } from '@spark-rl/core';

import type { LossProgram, Named, TensorProgram, TensorSpec } from '../program.js';
import { graphBuilder } from './graph-builder.js';
import { nodesOf, type Graph, type GraphBuilder, type GraphNode } from './graph.js';

/** Input names of a graph carry their role, so a parameter and an input may share a name: `parameters/w`, `inputs/x`. */
export function roleName(role: string, name: string): string {
  return `${role}/${name}`;
}

/** Makes the value names of one role: `{ w: ... }` becomes `{ 'parameters/w': ... }`. */
export function withRole<Value>(role: string, values: Named<Value>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [roleName(role, name), value]),
  );
}

/** The values of one role, by their own names. */
export function ofRole<Value>(role: string, values: Named<Value>): Record<string, Value> {
  const prefix = roleName(role, '');
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** Declares the inputs of one role. */
export function declareInputs(
  builder: GraphBuilder,
  role: string,
  specs: Named<TensorSpec>,
): Record<string, GraphNode> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, builder.input(roleName(role, name), spec)]),
  );
}

/** Specs of float32 tensors of fixed shapes: parameters, gradients, moments. */
export function parameterSpecs(shapes: Named<readonly number[]>): Record<string, TensorSpec> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'float32', shape }]),
  );
}

/**
 * Closes a graph: its inputs are those that the outputs need. An output may not be of type bool.
 */
export function closeGraph(name: string, outputs: Named<GraphNode>): Graph {
  for (const [output, node] of Object.entries(outputs)) {
    if (node.dtype !== 'bool') continue;
    throw new InvalidInputError(`the output ${output} of the program ${name} is of type bool`, {
      field: output,
      remedy: 'Convert it with toFloat.',
    });
  }
  const inputs: Record<string, TensorSpec> = {};
  for (const { operation, dtype, shape } of nodesOf(Object.values(outputs))) {
    if (operation.kind === 'input' && dtype !== 'bool') inputs[operation.name] = { dtype, shape };
  }
  return { name, inputs, outputs };
}

/**
 * Traces a program: runs it once on symbols instead of tensors. The graph has the inputs `parameters/<name>` and `inputs/<name>` (those
 * that are used) and the outputs of the program.
 */
export function trace(program: TensorProgram): Graph {
  const builder = graphBuilder();
  const parameters = declareInputs(builder, 'parameters', parameterSpecs(program.parameters));
  const inputs = declareInputs(builder, 'inputs', program.inputs);
  return closeGraph(program.name, program.run(builder.ops, parameters, inputs));
}

/** A loss traced into a builder that goes on to differentiate it. */
export interface TracedLoss {
  readonly loss: GraphNode;
  readonly metrics: Named<GraphNode>;
  readonly parameters: Named<GraphNode>;
}

/** Traces a loss into `builder`, see {@link trace}. */
export function traceLoss(builder: GraphBuilder, program: LossProgram): TracedLoss {
  const parameters = declareInputs(builder, 'parameters', parameterSpecs(program.parameters));
  const inputs = declareInputs(builder, 'inputs', program.inputs);
  const { loss, metrics } = program.run(builder.ops, parameters, inputs);
  for (const [name, node] of Object.entries({ loss, ...withRole('metrics', metrics) })) {
    if (node.shape.every((dim) => dim === 1)) continue;
    throw new InvalidInputError(
      `${name} of the program ${program.name} has the shape [${node.shape.join(', ')}]`,
      { field: name, remedy: 'Reduce it to a scalar, with sum or mean over all axes.' },
    );
  }
  return { loss, metrics, parameters };
}
