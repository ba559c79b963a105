import { InvalidInputError } from '@spark-rl/core';
import {
  checkTensors,
  type HostTensor,
  type Named,
  type ParameterSet,
  type TensorSpec,
} from '@spark-rl/tensor';

import type { BackendSection } from './backend-section.js';
import { freeAll, mapNamed, readNamed, toDevice } from './host-tensors.js';
import type { Tfjs, TfjsTensor } from './tfjs.js';

/** A parameter is float32 and its shape is known. */
export const parameterSpecs = (shapes: Named<readonly number[]>): Named<TensorSpec> =>
  mapNamed(shapes, (shape) => ({ dtype: 'float32', shape }));

/** The weights that one engine holds. */
export interface ParameterStore {
  readonly upload: (values: Named<HostTensor>) => ParameterSet;
  /** A set of its own over tensors that live elsewhere; the values are shared, so it costs no memory. */
  readonly share: (tensors: Named<TfjsTensor>) => ParameterSet;
  /** The tensors of a set that a program uses. Throws an InvalidInputError when they are not there or have other shapes. */
  readonly tensorsOf: (
    set: ParameterSet,
    program: { readonly name: string; readonly parameters: Named<readonly number[]> },
  ) => Named<TfjsTensor>;
  readonly disposeAll: () => void;
}

/** Makes the store of one engine. */
export function parameterStore(tf: Tfjs, section: BackendSection): ParameterStore {
  const held = new Map<ParameterSet, Named<TfjsTensor>>();

  const hold = (tensors: Named<TfjsTensor>): ParameterSet => {
    const set: ParameterSet = {
      read: async () => readNamed(held.get(set) ?? gone()),
      dispose: () => {
        freeAll(held.get(set) ?? {});
        held.delete(set);
      },
    };
    held.set(set, tensors);
    return set;
  };

  const gone = (): never => {
    throw new InvalidInputError('the parameters are not held by this engine', {
      field: 'parameters',
      remedy: 'Give parameters that this engine made and that have not been disposed of.',
    });
  };

  return {
    upload: (values) => {
      checkTensors('parameters', parameterSpecs(mapNamed(values, ({ shape }) => shape)), values);
      return hold(section(() => mapNamed(values, (value) => toDevice(tf, value))));
    },
    share: (tensors) => hold(section(() => mapNamed(tensors, (tensor) => tf.clone(tensor)))),
    tensorsOf: (set, program) => {
      const tensors = held.get(set) ?? gone();
      return mapNamed(program.parameters, (shape, name) => {
        const tensor = tensors[name];
        const expected = `float32 [${shape.join(', ')}]`;
        const found =
          tensor === undefined ? 'missing' : `${tensor.dtype} [${tensor.shape.join(', ')}]`;
        if (tensor === undefined || found !== expected) {
          throw new InvalidInputError(
            `parameters of ${program.name}: ${name} is ${found}, expected ${expected}`,
            { field: name, value: found, remedy: 'Give the parameters of this program.' },
          );
        }
        return tensor;
      });
    },
    disposeAll: () => {
      for (const set of [...held.keys()]) set.dispose();
    },
  };
}
