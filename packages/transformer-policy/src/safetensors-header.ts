import { CheckpointError, showValue } from '@spark-rl/core';
import type { Named } from '@spark-rl/tensor';
import { z } from 'zod';

import { bytesOf, STORED_TYPES, type StoredType } from './storage-types.js';

/** The header's length stands in 8 bytes at the front; its JSON follows, then the tensors' bytes. */
export const LENGTH_BYTES = 8;
/** The limit that other readers of the format set, too. */
const LONGEST_HEADER = 100_000_000;

const entrySchema = z.looseObject({
  dtype: z.enum(STORED_TYPES),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** Where a tensor stands in a file: its bytes are [start, end), counted from the front of the file. */
export interface StoredTensor {
  readonly type: StoredType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** What a safetensors file says of itself. */
export interface SafetensorsHeader {
  readonly tensors: Named<StoredTensor>;
  readonly metadata: Named<string>;
}

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((total, dim) => total * dim, 1);

function damaged(
  file: string,
  what: string,
  details: { field?: string; value?: unknown; cause?: unknown } = {},
): CheckpointError {
  return new CheckpointError(`${file} ${what}`, {
    field: file,
    ...details,
    remedy: 'Use another copy of the file, or an earlier checkpoint',
  });
}

/**
 * Where the header ends and the data begins.
 *
 * @param front - the first bytes of the file, at least 8
 * @param size - how many bytes the file has
 * @param file - its name, for messages
 */
export function headerEnd(front: Uint8Array, size: number, file: string): number {
  if (size < LENGTH_BYTES || front.length < LENGTH_BYTES)
    throw damaged(file, `has ${size} bytes, fewer than its length field`);
  const view = new DataView(front.buffer, front.byteOffset, front.byteLength);
  const length = view.getBigUint64(0, true);
  const end = LENGTH_BYTES + Number(length);
  if (length > BigInt(LONGEST_HEADER) || end > size) {
    throw damaged(
      file,
      `says that its header has ${length} bytes, but has only ${size} in all: it is cut off`,
      { field: 'header' },
    );
  }
  return end;
}

function parseJson(json: Uint8Array, file: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    if (typeof header !== 'object' || header === null || Array.isArray(header))
      throw new SyntaxError('not an object');
    return header as Record<string, unknown>;
  } catch (cause) {
    throw damaged(file, 'has a header that is not JSON', { field: 'header', cause });
  }
}

/**
 * Reads the header of a safetensors file (https://huggingface.co/docs/safetensors).
 *
 * @param json - the bytes between the length field and the data
 * @throws CheckpointError naming the file and the tensor at fault
 */
export function parseSafetensorsHeader(
  json: Uint8Array,
  size: number,
  file: string,
): SafetensorsHeader {
  const dataStart = LENGTH_BYTES + json.length;
  const header = parseJson(json, file);
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const field = [name, ...(issue?.path ?? [])].map(String).join('.');
      throw damaged(
        file,
        `has a wrong entry at ${field}: ${issue?.message ?? 'invalid'} (found ${showValue(value)})`,
        { field, value },
      );
    }
    const { dtype, shape, data_offsets: offsets } = parsed.data;
    const [start, end] = offsets;
    const bytes = sizeOf(shape) * bytesOf(dtype);
    if (end - start !== bytes || dataStart + end > size) {
      throw damaged(
        file,
        `gives tensor ${name} of shape [${shape.join(', ')}] the bytes ${start} to ${end}, but it takes ${bytes} and the file holds ${size - dataStart}`,
        { field: `${name}.data_offsets`, value: offsets },
      );
    }
    tensors[name] = { type: dtype, shape, start: dataStart + start, end: dataStart + end };
  }
  const notes = z.record(z.string(), z.string()).safeParse(header['__metadata__'] ?? {});
  if (!notes.success)
    throw damaged(file, 'has notes that are not text', {
      field: '__metadata__',
      value: header['__metadata__'],
    });
  return { tensors, metadata: notes.data };
}

/**
 * The front of a safetensors file: the length field and the header, padded so that the data is aligned. The tensors' bytes follow in the
 * order given.
 */
export function encodeSafetensorsHeader(
  tensors: readonly {
    readonly name: string;
    readonly type: StoredType;
    readonly shape: readonly number[];
  }[],
  metadata: Named<string>,
): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  for (const { name, type, shape } of tensors) {
    const end = offset + sizeOf(shape) * bytesOf(type);
    header[name] = { dtype: type, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}
