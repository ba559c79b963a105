import type { HostTensor, Named } from '@spark-rl/tensor';

import {
  encodeSafetensorsHeader,
  headerEnd,
  LENGTH_BYTES,
  parseSafetensorsHeader,
  type StoredTensor,
} from './safetensors-header.js';
import {
  decodeFloats,
  decodeIntegers,
  encodeTensor,
  storedType,
  type WeightStorage,
} from './storage-types.js';

/** Tensors by name, and text notes beside them. */
export interface Safetensors {
  readonly tensors: Named<HostTensor>;
  readonly metadata: Named<string>;
}

/**
 * Writes tensors in the safetensors format (https://huggingface.co/docs/safetensors), little-endian, in the order given. The same
 * tensors give the same bytes.
 *
 * @param metadata - notes that go into the header under `__metadata__`
 * @param storage - how floats are kept; half precision and bfloat16 round to the nearest
 */
export function encodeSafetensors(
  tensors: Named<HostTensor>,
  metadata: Named<string> = {},
  storage: WeightStorage = 'f32',
): Uint8Array {
  const entries = Object.entries(tensors);
  const parts = [
    encodeSafetensorsHeader(
      entries.map(([name, tensor]) => ({
        name,
        type: storedType(tensor, storage),
        shape: tensor.shape,
      })),
      metadata,
    ),
    ...entries.map(([, tensor]) => encodeTensor(tensor, storage)),
  ];
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A tensor from its bytes in a file; floats become float32, exactly. */
export function decodeTensor({ type, shape }: StoredTensor, bytes: Uint8Array): HostTensor {
  return type === 'I32'
    ? { dtype: 'int32', shape, data: decodeIntegers(bytes) }
    : { dtype: 'float32', shape, data: decodeFloats(type, bytes) };
}

/**
 * Reads what {@link encodeSafetensors} or another writer of the format wrote; dtypes F32, F16, BF16 and I32.
 *
 * @param file - its name, for messages
 * @throws CheckpointError naming the file and the tensor at fault
 */
export function decodeSafetensors(bytes: Uint8Array, file = 'the safetensors file'): Safetensors {
  const json = bytes.subarray(LENGTH_BYTES, headerEnd(bytes, bytes.length, file));
  const { tensors, metadata } = parseSafetensorsHeader(json, bytes.length, file);
  const decoded = Object.entries(tensors).map(
    ([name, stored]) =>
      [name, decodeTensor(stored, bytes.subarray(stored.start, stored.end))] as const,
  );
  return { tensors: Object.fromEntries(decoded), metadata };
}
