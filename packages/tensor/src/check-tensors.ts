import { InvalidInputError } from '@spark-rl/core';

import { bindDims } from './bind-dims.js';
import type { HostTensor, Named, TensorSpec } from './program.js';
import { showShape } from './shape-rules.js';

function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

function checkTensor(what: string, name: string, spec: TensorSpec, tensor: HostTensor): void {
  const problem = (message: string, remedy: string): InvalidInputError =>
    new InvalidInputError(`${what}: ${name} ${message}`, { field: name, remedy });
  const holds = tensor.dtype === 'float32' ? Float32Array : Int32Array;
  if (tensor.dtype !== spec.dtype) {
    throw problem(
      `is of type ${tensor.dtype}, expected ${spec.dtype}`,
      `Give it as ${spec.dtype}.`,
    );
  }
  if (!(tensor.data instanceof holds)) {
    throw problem(`is of type ${tensor.dtype}, but its data is not`, `Give a ${holds.name}.`);
  }
  if (tensor.data.length !== sizeOfShape(tensor.shape)) {
    throw problem(
      `has ${tensor.data.length} values, but the shape ${showShape(tensor.shape)}`,
      'Give as many values as the shape has places.',
    );
  }
}

/**
 * Checks tensors from outside against their specs: every one there, none unknown, types, shapes, and one size for each named dimension.
 *
 * @param what - what they belong to, for messages: `"inputs of policy"`
 * @throws InvalidInputError naming the tensor at fault
 */
export function checkTensors(
  what: string,
  specs: Named<TensorSpec>,
  tensors: Named<HostTensor>,
): void {
  const names = Object.keys(specs).join(', ');
  for (const name of Object.keys(tensors)) {
    if (name in specs) continue;
    throw new InvalidInputError(`${what}: ${name} is not known`, {
      field: name,
      remedy: `The names are: ${names}.`,
    });
  }
  for (const [name, spec] of Object.entries(specs)) {
    const tensor = tensors[name];
    if (tensor === undefined) {
      throw new InvalidInputError(`${what}: ${name} is missing`, {
        field: name,
        remedy: `Give all of: ${names}.`,
      });
    }
    checkTensor(what, name, spec, tensor);
  }
  bindDims(specs, (name) => tensors[name]!.shape);
}
