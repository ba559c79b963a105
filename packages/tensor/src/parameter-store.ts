import { InvalidInputError } from '@spark-rl/core';

import type { ParameterSet } from './engine.js';
import type { GraphBackend } from './graph-engine.js';
import type { HostTensor, Named } from './program.js';

/** The parameter sets of one engine: they hold tensors of the backend, which only that engine can read. */
export interface ParameterStore<T> {
  readonly wrap: (tensors: Named<T>) => ParameterSet;
  /** The tensors of a set. Throws an InvalidInputError when it has been disposed of, or belongs to another engine. */
  readonly open: (parameters: ParameterSet) => Named<T>;
  /** Calls back when the set is disposed of. */
  readonly onDispose: (parameters: ParameterSet, callback: () => void) => void;
}

/** A copy of a tensor that shares no memory with it. */
export function copyTensor(tensor: HostTensor): HostTensor {
  return tensor.dtype === 'float32'
    ? { ...tensor, data: tensor.data.slice() }
    : { ...tensor, data: tensor.data.slice() };
}

/** Copies tensors to ordinary memory. */
export async function readTensors<T>(
  backend: Pick<GraphBackend<T>, 'toHost'>,
  tensors: Named<T>,
): Promise<Record<string, HostTensor>> {
  const read: Record<string, HostTensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    read[name] = copyTensor(await backend.toHost(tensor));
  }
  return read;
}

/** Opens the store of an engine. */
export function parameterStore<T>(backend: GraphBackend<T>): ParameterStore<T> {
  const held = new WeakMap<
    ParameterSet,
    { readonly tensors: Named<T>; readonly callbacks: Set<() => void> }
  >();
  const find = (
    parameters: ParameterSet,
  ): { readonly tensors: Named<T>; readonly callbacks: Set<() => void> } => {
    const entry = held.get(parameters);
    if (entry !== undefined) return entry;
    throw new InvalidInputError(`the engine ${backend.id} does not hold these parameters`, {
      field: 'parameters',
      remedy: 'Use parameters made by this engine that have not been disposed of.',
    });
  };
  return {
    open: (parameters) => find(parameters).tensors,
    onDispose: (parameters, callback) => void find(parameters).callbacks.add(callback),
    wrap: (tensors) => {
      const callbacks = new Set<() => void>();
      const parameters: ParameterSet = {
        read: () => readTensors(backend, find(parameters).tensors),
        dispose: () => {
          held.delete(parameters);
          for (const callback of callbacks) callback();
          callbacks.clear();
        },
      };
      held.set(parameters, { tensors, callbacks });
      return parameters;
    },
  };
}
