import { InvalidInputError } from '@spark-rl/core';

import { checkTensors } from './check-tensors.js';
import type { CompiledProgram, ParameterSet } from './engine.js';
import type { CompiledGraph, GraphBackend } from './graph-engine.js';
import { trace, withRole } from './graph/trace.js';
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
    of: (parameters) => {
      const existing = ready.get(parameters);
      if (existing !== undefined) return existing;
      const tensors = store.open(parameters);
      store.retain(tensors);
      const compiled = compile(tensors)
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
      : perParameterSet(store, (tensors) =>
          compileWithParameters(graph, withRole('parameters', tensors)),
        );
  const shared = graphs === undefined ? await backend.compile(graph) : undefined;
  return {
    run: async (parameters, inputs) => {
      checkTensors(`inputs of ${program.name}`, program.inputs, inputs);
      const weights = store.open(parameters);
      checkShapes(backend, program, weights);
      const compiled = shared ?? (await graphs!.of(parameters));
      const feeds: Record<string, T> = withRole('parameters', weights);
      for (const [name, tensor] of Object.entries(withRole('inputs', inputs))) {
        feeds[name] = backend.fromHost(tensor);
      }
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
