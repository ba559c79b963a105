import type { HostTensor, Named } from '@spark-rl/tensor';

import type { Tfjs, TfjsTensor } from './tfjs.js';

/** Applies a function to every entry of a record. */
export const mapNamed = <From, To>(
  named: Named<From>,
  change: (value: From, name: string) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [name, change(value, name)]));

/** Copies a host tensor to the backend that is set. Some backends keep the array they are given, so they are given a copy. */
export const toDevice = (tf: Tfjs, { data, shape, dtype }: HostTensor): TfjsTensor =>
  tf.tensor(data.slice(), [...shape], dtype);

/** Copies a float32 or int32 tensor to ordinary memory. */
export async function toHost(tensor: TfjsTensor): Promise<HostTensor> {
  const shape = [...tensor.shape];
  // The cpu backend hands out its own array, hence the copy.
  const data = (await tensor.data()).slice();
  return data instanceof Int32Array
    ? { dtype: 'int32', shape, data }
    : { dtype: 'float32', shape, data: Float32Array.from(data) };
}

/** Copies tensors to ordinary memory. */
export async function readNamed(tensors: Named<TfjsTensor>): Promise<Named<HostTensor>> {
  const entries = Object.entries(tensors).map(
    async ([name, tensor]) => [name, await toHost(tensor)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Copies tensors to ordinary memory and frees them, also when reading fails. */
export async function takeToHost(tensors: Named<TfjsTensor>): Promise<Named<HostTensor>> {
  try {
    return await readNamed(tensors);
  } finally {
    freeAll(tensors);
  }
}

/** Frees tensors. */
export const freeAll = (tensors: Named<TfjsTensor>): void => {
  for (const tensor of Object.values(tensors)) tensor.dispose();
};
