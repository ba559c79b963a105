import type { AdamWOptions } from '../engine.js';
import { differentiate } from '../graph/differentiate.js';
import { graphBuilder } from '../graph/graph-builder.js';
import type { Graph, GraphBuilder, GraphNode } from '../graph/graph.js';
import { closeGraph, declareInputs, parameterSpecs, traceLoss, withRole } from '../graph/trace.js';
import type { LossProgram, Named } from '../program.js';
import { clippedAdamWStep, type AdamWScalars } from './adamw.js';
import { trainedParameters } from './trained-parameters.js';

function scalarInputs(builder: GraphBuilder): AdamWScalars<GraphNode> {
  const scalar = (name: string): GraphNode => builder.input(name, { dtype: 'float32', shape: [] });
  return {
    learningRate: scalar('learningRate'),
    firstCorrection: scalar('firstCorrection'),
    secondCorrection: scalar('secondCorrection'),
  };
}

function updateOutputs(
  builder: GraphBuilder,
  program: LossProgram,
  options: AdamWOptions,
  gradients: Named<GraphNode>,
): Record<string, GraphNode> {
  const specs = parameterSpecs(trainedParameters(program));
  const updated = clippedAdamWStep(
    builder.ops,
    options,
    {
      parameters: declareInputs(builder, 'parameters', specs),
      gradients,
      firstMoments: declareInputs(builder, 'firstMoments', specs),
      secondMoments: declareInputs(builder, 'secondMoments', specs),
    },
    scalarInputs(builder),
  );
  return {
    gradientNorm: updated.gradientNorm,
    ...withRole('parameters', updated.parameters),
    ...withRole('firstMoments', updated.firstMoments),
    ...withRole('secondMoments', updated.secondMoments),
  };
}

function lossOutputs(
  builder: GraphBuilder,
  program: LossProgram,
): { readonly scalars: Record<string, GraphNode>; readonly gradients: Named<GraphNode> } {
  const { loss, metrics, parameters } = traceLoss(builder, program);
  const trained = Object.keys(trainedParameters(program)).map(
    (name) => [name, parameters[name]!] as const,
  );
  return {
    scalars: { loss, ...withRole('metrics', metrics) },
    gradients: differentiate(builder, loss, Object.fromEntries(trained)),
  };
}

/**
 * A whole training step as one graph: loss, gradients, clipping, AdamW. Inputs: `parameters/*`, `firstMoments/*`, `secondMoments/*`,
 * `inputs/*`, and the scalars of {@link AdamWScalars}. Outputs: `loss`, `metrics/*`, `gradientNorm`, and the new `parameters/*`,
 * `firstMoments/*`, `secondMoments/*`, those of frozen parameters left out.
 */
export function traceTrainingStep(program: LossProgram, options: AdamWOptions): Graph {
  const builder = graphBuilder();
  const { scalars, gradients } = lossOutputs(builder, program);
  return closeGraph(`${program.name} step`, {
    ...scalars,
    ...updateOutputs(builder, program, options, gradients),
  });
}

/**
 * The gradients of one micro-batch added to those so far. Inputs: `parameters/*`, `gradients/*`, `inputs/*`; outputs: `loss`,
 * `metrics/*`, `gradients/*`.
 */
export function traceAccumulation(program: LossProgram): Graph {
  const builder = graphBuilder();
  const { scalars, gradients } = lossOutputs(builder, program);
  const sums = declareInputs(builder, 'gradients', parameterSpecs(trainedParameters(program)));
  const added = Object.entries(gradients).map(
    ([name, gradient]) => [name, builder.ops.add(sums[name]!, gradient)] as const,
  );
  return closeGraph(`${program.name} gradients`, {
    ...scalars,
    ...withRole('gradients', Object.fromEntries(added)),
  });
}

/** The update from accumulated gradients: {@link traceTrainingStep} with the inputs `gradients/*` in place of the loss. */
export function traceUpdate(program: LossProgram, options: AdamWOptions): Graph {
  const builder = graphBuilder();
  const specs = parameterSpecs(trainedParameters(program));
  const gradients = declareInputs(builder, 'gradients', specs);
  return closeGraph(`${program.name} update`, updateOutputs(builder, program, options, gradients));
}
