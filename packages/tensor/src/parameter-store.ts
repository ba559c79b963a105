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
  /** Counts one more holder of these tensors: sets share them with the training that made them. */
  readonly retain: (tensors: Named<T>) => void;
  /** Counts one holder less; the backend frees a tensor that nobody holds. */
  readonly release: (tensors: Named<T>) => void;
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

/** Counts who holds a tensor, for backends that free tensors. */
function holders<T>(
  backend: Pick<GraphBackend<T>, 'release'>,
): Pick<ParameterStore<T>, 'retain' | 'release'> {
  const counts = new Map<T, number>();
  const free = backend.release;
  if (free === undefined) return { retain: () => undefined, release: () => undefined };
  return {
    retain: (tensors) => {
      for (const tensor of Object.values(tensors))
        counts.set(tensor, (counts.get(tensor) ?? 0) + 1);
    },
    release: (tensors) => {
      for (const tensor of Object.values(tensors)) {
        const left = (counts.get(tensor) ?? 1) - 1;
        if (left > 0) counts.set(tensor, left);
        else {
          counts.delete(tensor);
          free(tensor);
        }
      }
    },
  };
}

/** Opens the store of an engine. */
export function parameterStore<T>(backend: GraphBackend<T>): ParameterStore<T> {
  const { retain, release } = holders(backend);
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
    retain,
    release,
    open: (parameters) => find(parameters).tensors,
    onDispose: (parameters, callback) => void find(parameters).callbacks.add(callback),
    wrap: (tensors) => {
      const callbacks = new Set<() => void>();
      const parameters: ParameterSet = {
        read: async () => {
          find(parameters);
          retain(tensors);
          try {
            return await readTensors(backend, tensors);
          } finally {
            release(tensors);
          }
        },
        dispose: () => {
          if (!held.delete(parameters)) return;
          for (const callback of callbacks) callback();
          callbacks.clear();
          release(tensors);
        },
      };
      retain(tensors);
      held.set(parameters, { tensors, callbacks });
      return parameters;
    },
  };
}
