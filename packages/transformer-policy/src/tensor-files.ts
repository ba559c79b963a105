import { CheckpointError } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';

import { decodeSafetensors, encodeSafetensors } from './safetensors.js';

/** Files of this size can be read at once everywhere. */
const FILE_BYTES = 2 ** 30;

const numbered = (count: number): string => String(count).padStart(5, '0');

/**
 * Tensors as safetensors files: `NAME.safetensors`, or `NAME-00001-of-00003.safetensors` and so on where they are more than fits one file. A
 * tensor is never split. The same tensors give the same bytes.
 *
 * @param fileBytes - what a file holds at most, unless a single tensor is larger; default 1 GiB
 */
export function encodeTensorFiles(
  name: string,
  tensors: Named<HostTensor>,
  fileBytes = FILE_BYTES,
): ReadonlyMap<string, Uint8Array> {
  const shards: [string, HostTensor][][] = [[]];
  let filled = 0;
  for (const entry of Object.entries(tensors)) {
    const bytes = entry[1].data.byteLength;
    if (filled > 0 && filled + bytes > fileBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)!.push(entry);
    filled += bytes;
  }
  const fileOf = (index: number): string =>
    shards.length === 1
      ? `${name}.safetensors`
      : `${name}-${numbered(index + 1)}-of-${numbered(shards.length)}.safetensors`;
  return new Map(
    shards.map((shard, index) => [fileOf(index), encodeSafetensors(Object.fromEntries(shard))]),
  );
}

/**
 * Reads what {@link encodeTensorFiles} wrote.
 *
 * @throws CheckpointError when there is no such file, or one of several is missing or damaged
 */
export function decodeTensorFiles(
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
): Named<HostTensor> {
  const missing = (file: string): CheckpointError =>
    new CheckpointError(`the folder has no ${file}`, {
      field: file,
      remedy: 'The folder is not complete: take another copy of it',
    });
  const single = `${name}.safetensors`;
  const whole = files.get(single);
  if (whole !== undefined) return decodeSafetensors(whole, single).tensors;
  const first = [...files.keys()].find(
    (file) => file.startsWith(`${name}-`) && /-\d{5}-of-\d{5}\.safetensors$/.test(file),
  );
  if (first === undefined) throw missing(single);
  const count = Number(/of-(\d{5})/.exec(first.slice(name.length))![1]);
  return Object.assign(
    {},
    ...Array.from({ length: count }, (_, index) => {
      const file = `${name}-${numbered(index + 1)}-of-${numbered(count)}.safetensors`;
      const bytes = files.get(file);
      if (bytes === undefined) throw missing(file);
      return decodeSafetensors(bytes, file).tensors;
    }),
  ) as Named<HostTensor>;
}
