import { InvalidInputError, parseInput } from '@spark-rl/core';

import { checkTensors } from './check-tensors.js';
import type { CompiledProgram, Engine, ParameterSet } from './engine.js';
import type { Graph } from './graph/graph.js';
import { parameterSpecs, trace, withRole } from './graph/trace.js';
import type { HostTensor, Named, TensorProgram } from './program.js';
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
  readonly compile: (graph: Graph) => Promise<CompiledGraph<T>>;
  readonly fromHost: (tensor: HostTensor) => T;
  readonly toHost: (tensor: T) => HostTensor | Promise<HostTensor>;
  readonly dispose: () => Promise<void>;
}

/** The parameter sets of one engine: they hold tensors of the backend, which only that engine can read. */
export interface ParameterStore<T> {
  readonly wrap: (tensors: Named<T>) => ParameterSet;
  /** The tensors of a set. Throws an InvalidInputError when it has been disposed of, or belongs to another engine. */
  readonly open: (parameters: ParameterSet) => Named<T>;
}

async function readAll<T>(
  backend: GraphBackend<T>,
  tensors: Named<T>,
): Promise<Record<string, HostTensor>> {
  const read: Record<string, HostTensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) read[name] = await backend.toHost(tensor);
  return read;
}

function parameterStore<T>(backend: GraphBackend<T>): ParameterStore<T> {
  const held = new WeakMap<ParameterSet, Named<T>>();
  const open = (parameters: ParameterSet): Named<T> => {
    const tensors = held.get(parameters);
    if (tensors !== undefined) return tensors;
    throw new InvalidInputError(`the engine ${backend.id} does not hold these parameters`, {
      field: 'parameters',
      remedy: 'Use parameters made by this engine that have not been disposed of.',
    });
  };
  return {
    open,
    wrap: (tensors) => {
      const parameters: ParameterSet = {
        read: () => readAll(backend, open(parameters)),
        dispose: () => void held.delete(parameters),
      };
      held.set(parameters, tensors);
      return parameters;
    },
  };
}

function checkNames(what: string, expected: Named<unknown>, given: Named<unknown>): void {
  const missing = Object.keys(expected).find((name) => !(name in given));
  if (missing === undefined) return;
  throw new InvalidInputError(`${what}: ${missing} is missing`, {
    field: missing,
    remedy: `Give all of: ${Object.keys(expected).join(', ')}.`,
  });
}

async function compileProgram<T>(
  backend: GraphBackend<T>,
  store: ParameterStore<T>,
  program: TensorProgram,
): Promise<CompiledProgram> {
  const compiled = await backend.compile(trace(program));
  return {
    run: async (parameters, inputs) => {
      checkTensors(`inputs of ${program.name}`, program.inputs, inputs);
      const weights = store.open(parameters);
      checkNames(`parameters of ${program.name}`, program.parameters, weights);
      const tensors = Object.entries(withRole('inputs', inputs)).map(
        ([name, tensor]) => [name, backend.fromHost(tensor)] as const,
      );
      const feeds = { ...withRole('parameters', weights), ...Object.fromEntries(tensors) };
      return readAll(backend, await compiled.run(feeds));
    },
    dispose: compiled.dispose,
  };
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
        ([name, tensor]) => [name, backend.fromHost(tensor)] as const,
      );
      return store.wrap(Object.fromEntries(tensors));
    },
    compile: (program) => compileProgram(backend, store, program),
    compileTraining: (program, optimizer, start) => {
      const options = parseInput(adamWOptionsSchema, optimizer, `AdamW options of ${program.name}`);
      return createGraphTrainer(backend, store, program, options, start);
    },
    dispose: backend.dispose,
  };
}
