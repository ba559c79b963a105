import { join } from 'node:path';

import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import {
  headerEnd,
  LENGTH_BYTES,
  parseSafetensorsHeader,
  type StoredTensor,
} from '../safetensors-header.js';
import { FILES, folderError, openFile, parseFile, readIfThere } from './files.js';

/** A safetensors file of a folder, and where its tensors stand. */
export interface Shard {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string().min(1)) });

async function readShard(path: string): Promise<Shard> {
  const file = await openFile(path);
  try {
    const front = await file.read(0, Math.min(LENGTH_BYTES, file.size));
    const end = headerEnd(front, file.size, path);
    const json = await file.read(LENGTH_BYTES, end);
    const { tensors } = parseSafetensorsHeader(json, file.size, path);
    return { path, tensors: new Map(Object.entries(tensors)) };
  } finally {
    await file.close();
  }
}

/**
 * The safetensors files of a folder with their headers: those that `model.safetensors.index.json` lists, else `model.safetensors`.
 * No weights are read yet.
 *
 * @throws CheckpointError when a file is missing or damaged, or does not hold what the index says
 */
export async function readShards(folder: string): Promise<readonly Shard[]> {
  const single = join(folder, FILES.weights);
  const indexPath = join(folder, FILES.index);
  const indexBytes = await readIfThere(folder, FILES.index);
  if (indexBytes === undefined) return [await readShard(single)];
  const { weight_map: places } = parseFile(indexPath, indexBytes, (json) =>
    parseInput(indexSchema, json, FILES.index),
  );
  const files = [...new Set(Object.values(places))].sort();
  const stranger = files.find((file) => /[/\\]/.test(file));
  if (stranger !== undefined) {
    throw folderError(indexPath, `names ${stranger}, which is outside the folder`, {
      field: 'weight_map',
      value: stranger,
    });
  }
  const shards = new Map<string, Shard>();
  for (const file of files) shards.set(file, await readShard(join(folder, file)));
  for (const [tensor, file] of Object.entries(places)) {
    if (shards.get(file)!.tensors.has(tensor)) continue;
    throw folderError(
      join(folder, file),
      `has no tensor ${tensor}, which ${FILES.index} says it holds`,
      { field: tensor },
    );
  }
  return [...shards.values()];
}
