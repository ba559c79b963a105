import { parseInput } from '@spark-rl/core';

import { checkTensors } from './check-tensors.js';
import { compileProgram } from './compile-program.js';
import type { Engine } from './engine.js';
import type { Graph } from './graph/graph.js';
import { parameterSpecs } from './graph/trace.js';
import { copyTensor, parameterStore } from './parameter-store.js';
import type { HostTensor, Named } from './program.js';
import { adamWOptionsSchema } from './training/adamw.js';
import { createGraphTrainer } from './training/graph-trainer.js';

/** A graph made ready to run. */
export interface CompiledGraph<T> {
  /**
   * Computes all outputs. The tensors given stay as they are; the results are new ones. `inputs` may hold more than the graph's own, as a
   * program need not use all it declares.
   */
  readonly run: (inputs: Named<T>) => Promise<Record<string, T>>;
  readonly dispose: () => void;
}

/** What an engine must offer to run graphs; `graphEngine` makes the rest. `T` is a tensor where the engine keeps it. */
export interface GraphBackend<T> {
  readonly id: string;
  readonly device: string;
  readonly batchInvariant: boolean;
  /** The results of a run stay where the backend keeps tensors. */
  readonly compile: (graph: Graph) => Promise<CompiledGraph<T>>;
  /**
   * Compiles a graph for one set of weights, given under their input names. For backends that run faster when they know the weights
   * beforehand; without it, programs are compiled once for all weights. A run is given the inputs alone, and its results are read at once.
   */
  readonly compileWithParameters?: (
    graph: Graph,
    parameters: Named<T>,
  ) => Promise<CompiledGraph<T>>;
  /** May share memory with what it is given. */
  readonly fromHost: (tensor: HostTensor) => T;
  /** May share memory with what it is given. */
  readonly toHost: (tensor: T) => HostTensor | Promise<HostTensor>;
  readonly shapeOf: (tensor: T) => readonly number[];
  /**
   * Moves a tensor to the device, where the backend has one of its own: training state is moved there once, and stays. A tensor that is
   * there already is given back.
   */
  readonly toDevice?: (tensor: T) => Promise<T>;
  /** Frees a tensor that nobody will read again, for backends whose tensors the garbage collector does not know the size of. */
  readonly release?: (tensor: T) => void;
  readonly dispose: () => Promise<void>;
}

/** Makes an engine of something that can run graphs: traces programs, differentiates losses, checks what comes in, and trains. */
export function graphEngine<T>(backend: GraphBackend<T>): Engine {
  const store = parameterStore(backend);
  return {
    id: backend.id,
    device: backend.device,
    batchInvariant: backend.batchInvariant,
    parameters: (values) => {
      const shapes = Object.entries(values).map(([name, { shape }]) => [name, shape] as const);
      checkTensors('parameters', parameterSpecs(Object.fromEntries(shapes)), values);
      const tensors = Object.entries(values).map(
        ([name, tensor]) => [name, backend.fromHost(copyTensor(tensor))] as const,
      );
      return store.wrap(Object.fromEntries(tensors));
    },
    compile: (program) => compileProgram(backend, store, program),
    compileTraining: async (program, optimizer, start) => {
      const options = parseInput(adamWOptionsSchema, optimizer, `AdamW options of ${program.name}`);
      return createGraphTrainer(backend, store, program, options, start);
    },
    dispose: backend.dispose,
  };
}
