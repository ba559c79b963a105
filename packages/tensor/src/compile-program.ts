import { InvalidInputError } from '@spark-rl/core';

import { checkTensors } from './check-tensors.js';
import type { CompiledProgram, ParameterSet } from './engine.js';
import type { CompiledGraph, GraphBackend } from './graph-engine.js';
import { roleName, trace, withRole } from './graph/trace.js';
import type { ParameterStore } from './parameter-store.js';
import type { HostTensor, Named, TensorProgram } from './program.js';

function checkShapes<T>(backend: GraphBackend<T>, program: TensorProgram, tensors: Named<T>): void {
  const what = `parameters of ${program.name}`;
  for (const [name, shape] of Object.entries(program.parameters)) {
    const found = name in tensors ? backend.shapeOf(tensors[name]!) : undefined;
    if (found?.join() === shape.join()) continue;
    throw new InvalidInputError(
      found === undefined
        ? `${what}: ${name} is missing`
        : `${what}: ${name} has the shape [${found.join(', ')}], expected [${shape.join(', ')}]`,
      { field: name, remedy: 'Give the parameters that the program declares.' },
    );
  }
}

/** One compiled graph for each set of weights, freed with the weights or with the program. */
function perParameterSet<T>(
  store: ParameterStore<T>,
  compile: (tensors: Named<T>) => Promise<CompiledGraph<T>>,
): {
  readonly of: (parameters: ParameterSet) => Promise<CompiledGraph<T>>;
  readonly dispose: () => void;
} {
  const ready = new Map<ParameterSet, Promise<CompiledGraph<T>>>();
  const drop = (parameters: ParameterSet): void => {
    const compiled = ready.get(parameters);
    ready.delete(parameters);
    // Whoever asked for it has been told when it failed.
    void compiled?.then(
      (graph) => graph.dispose(),
      () => undefined,
    );
  };
  return {
    // Async, so that weights which do not fit reject instead of throwing.
    of: async (parameters) => {
      const existing = ready.get(parameters);
      if (existing !== undefined) return existing;
      const tensors = store.open(parameters);
      store.retain(tensors);
      const compiled = Promise.resolve()
        .then(() => compile(tensors))
        .catch((cause: unknown) => {
          // Not kept: the next run tries again.
          if (ready.get(parameters) === compiled) ready.delete(parameters);
          throw cause;
        })
        .finally(() => store.release(tensors));
      ready.set(parameters, compiled);
      store.onDispose(parameters, () => drop(parameters));
      return compiled;
    },
    dispose: () => [...ready.keys()].forEach(drop),
  };
}

/** Compiles a program on a backend. Where the backend makes use of the weights, that happens once for each set, when it is first used. */
export async function compileProgram<T>(
  backend: GraphBackend<T>,
  store: ParameterStore<T>,
  program: TensorProgram,
): Promise<CompiledProgram> {
  const graph = trace(program);
  const { compileWithParameters } = backend;
  const graphs =
    compileWithParameters === undefined
      ? undefined
      : perParameterSet(store, (tensors) => {
          checkShapes(backend, program, tensors);
          return compileWithParameters(graph, withRole('parameters', tensors));
        });
  const shared = graphs === undefined ? await backend.compile(graph) : undefined;
  const inputNames = Object.keys(program.inputs).map(
    (name) => [name, roleName('inputs', name)] as const,
  );

  /** The compiled graph, and the weights that it has to be given. */
  const open = async (
    parameters: ParameterSet,
  ): Promise<{ readonly compiled: CompiledGraph<T>; readonly weights: Record<string, T> }> => {
    if (graphs !== undefined) return { compiled: await graphs.of(parameters), weights: {} };
    const weights = store.open(parameters);
    checkShapes(backend, program, weights);
    return { compiled: shared!, weights: withRole('parameters', weights) };
  };
  return {
    run: async (parameters, inputs) => {
      checkTensors(`inputs of ${program.name}`, program.inputs, inputs);
      const { compiled, weights } = await open(parameters);
      const feeds = weights;
      for (const [name, feedName] of inputNames) feeds[feedName] = backend.fromHost(inputs[name]!);
      const outputs: Record<string, HostTensor> = {};
      for (const [name, tensor] of Object.entries(await compiled.run(feeds))) {
        outputs[name] = await backend.toHost(tensor);
      }
      return outputs;
    },
    dispose: () => {
      shared?.dispose();
      graphs?.dispose();
    },
  };
}
