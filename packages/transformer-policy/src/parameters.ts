import type { Named } from '@spark-rl/tensor';

/** The tensor of this name; a program declares all that it reads, so a missing one is a fault of the program. */
export function need<T>(tensors: Named<T>, name: string): T {
  const tensor = tensors[name];
  if (tensor === undefined) throw new RangeError(`tensor ${name} was not given to the program`);
  return tensor;
}
