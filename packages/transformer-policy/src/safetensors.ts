import { CheckpointError, showValue } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';
import { z } from 'zod';

/** The header's length stands in 8 bytes at the front; its JSON follows, then the tensors' bytes. */
const LENGTH_BYTES = 8;
/** The limit that other readers of the format set, too. */
const LONGEST_HEADER = 100_000_000;
const WORD = 4;

const DTYPES = { float32: 'F32', int32: 'I32' } as const;

const entrySchema = z.looseObject({
  dtype: z.enum(['F32', 'I32']),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** Tensors by name, and text notes beside them. */
export interface Safetensors {
  readonly tensors: Named<HostTensor>;
  readonly metadata: Named<string>;
}

const product = (shape: readonly number[]): number => shape.reduce((total, dim) => total * dim, 1);

/**
 * Writes tensors in the safetensors format (https://huggingface.co/docs/safetensors), little-endian, in the order given. The same
 * tensors give the same bytes.
 *
 * @param metadata - notes that go into the header under `__metadata__`
 */
export function encodeSafetensors(
  tensors: Named<HostTensor>,
  metadata: Named<string> = {},
): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const end = offset + tensor.data.length * WORD;
    header[name] = {
      dtype: DTYPES[tensor.dtype],
      shape: tensor.shape,
      data_offsets: [offset, end],
    };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces after the header align the data, as the format recommends.
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + offset).fill(
    0x20,
    LENGTH_BYTES,
    LENGTH_BYTES + headerLength,
  );
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerLength;
  for (const tensor of Object.values(tensors)) {
    for (const value of tensor.data) {
      if (tensor.dtype === 'float32') view.setFloat32(at, value, true);
      else view.setInt32(at, value, true);
      at += WORD;
    }
  }
  return bytes;
}

const damaged = (
  what: string,
  details: { field?: string; value?: unknown; cause?: unknown } = {},
): CheckpointError =>
  new CheckpointError(`the safetensors file ${what}`, {
    ...details,
    remedy: 'Use another copy of the file, or an earlier checkpoint',
  });

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < LENGTH_BYTES)
    throw damaged(`has ${bytes.length} bytes, fewer than its length field`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  const dataStart = LENGTH_BYTES + Number(length);
  if (length > BigInt(LONGEST_HEADER) || dataStart > bytes.length) {
    throw damaged(`says that its header has ${length} bytes, but has only ${bytes.length} in all`, {
      field: 'header',
    });
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(
      bytes.subarray(LENGTH_BYTES, dataStart),
    );
    const header: unknown = JSON.parse(text);
    if (typeof header !== 'object' || header === null || Array.isArray(header))
      throw new SyntaxError('not an object');
    return { header: header as Record<string, unknown>, dataStart };
  } catch (cause) {
    throw damaged('has a header that is not JSON', { field: 'header', cause });
  }
}

/**
 * Reads what {@link encodeSafetensors} or another writer of the format wrote; dtypes F32 and I32.
 *
 * @throws CheckpointError naming the tensor at fault
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const { header, dataStart } = readHeader(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tensors: Record<string, HostTensor> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const field = [name, ...(issue?.path ?? [])].map(String).join('.');
      throw damaged(
        `has a wrong entry at ${field}: ${issue?.message ?? 'invalid'} (found ${showValue(value)})`,
        { field, value },
      );
    }
    const {
      dtype,
      shape,
      data_offsets: [start, end],
    } = parsed.data;
    const count = product(shape);
    if (end - start !== count * WORD || dataStart + end > bytes.length) {
      throw damaged(
        `gives tensor ${name} of shape [${shape.join(', ')}] the bytes ${start} to ${end}, but it takes ${count * WORD} and the file holds ${bytes.length - dataStart}`,
        { field: `${name}.data_offsets`, value: [start, end] },
      );
    }
    const at = dataStart + start;
    tensors[name] =
      dtype === 'F32'
        ? {
            dtype: 'float32',
            shape,
            data: Float32Array.from({ length: count }, (_, i) =>
              view.getFloat32(at + i * WORD, true),
            ),
          }
        : {
            dtype: 'int32',
            shape,
            data: Int32Array.from({ length: count }, (_, i) => view.getInt32(at + i * WORD, true)),
          };
  }
  const notes = z.record(z.string(), z.string()).safeParse(header['__metadata__'] ?? {});
  if (!notes.success)
    throw damaged('has notes that are not text', {
      field: '__metadata__',
      value: header['__metadata__'],
    });
  return { tensors, metadata: notes.data };
}
