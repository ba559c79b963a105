import { freemem } from 'node:os';
import { join } from 'node:path';

import { CheckpointError } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';

import { parameterShapes, type TransformerConfig } from '../config.js';
import { sizeOf, type StoredTensor } from '../safetensors-header.js';
import { decodeTensor } from '../safetensors.js';
import { FILES, folderError, openFile } from './files.js';
import { readShards, type Shard } from './shards.js';
import { isRedundant, placeTensor, tensorPlaces, type TensorPlace } from './tensor-names.js';

const showShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** What is to be read of a shard. */
type Reading = readonly (readonly [StoredTensor, TensorPlace])[];

/** Finds every tensor of the architecture, and nothing else, in the shards. */
function planReading(
  folder: string,
  config: TransformerConfig,
  shards: readonly Shard[],
): ReadonlyMap<Shard, Reading> {
  // Before a name is made for every tensor of every layer: a number of layers that is wrong may be any number.
  const held = shards.reduce((sum, { tensors }) => sum + tensors.size, 0);
  if (config.layers > held) {
    throw folderError(
      join(folder, FILES.config),
      `says ${config.layers} layers, the safetensors files hold ${held} tensors`,
      { field: 'num_hidden_layers', value: config.layers },
      'Load it with the config.json that it was saved with',
    );
  }
  const places = new Map(tensorPlaces(config).map((place) => [place.name, place]));
  const plan = new Map<Shard, [StoredTensor, TensorPlace][]>();
  const found = new Set<string>();
  for (const shard of shards) {
    const reading: [StoredTensor, TensorPlace][] = [];
    plan.set(shard, reading);
    for (const [name, stored] of shard.tensors) {
      const place = places.get(name);
      if (place === undefined) {
        if (isRedundant(name, config)) continue;
        throw folderError(
          shard.path,
          `has the tensor ${name}, which the architecture of config.json does not have`,
          { field: name },
          'Load it with the config.json that it was saved with',
        );
      }
      if (found.has(name))
        throw folderError(shard.path, `has the tensor ${name}, as another shard`, { field: name });
      if (stored.type === 'I32' || showShape(stored.shape) !== showShape(place.shape)) {
        throw folderError(
          shard.path,
          `tensor ${name} is ${stored.type} ${showShape(stored.shape)}, config.json asks for ${showShape(place.shape)}`,
          { field: name, value: stored.shape },
          'Load it with the config.json that it was saved with',
        );
      }
      found.add(name);
      reading.push([stored, place]);
    }
  }
  const missing = [...places.keys()].find((name) => !found.has(name));
  if (missing !== undefined)
    throw folderError(folder, `no safetensors file holds the tensor ${missing}`, {
      field: missing,
    });
  return plan;
}

/** Memory that this process may still take, as far as the system tells. */
const availableMemory = (): number => process.availableMemory?.() ?? freemem();

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/**
 * Refuses before anything is read when the weights in float32, and the largest tensor of a file beside them, would not fit.
 *
 * @throws CheckpointError that says what is needed
 */
function checkMemory(
  folder: string,
  shapes: Named<readonly number[]>,
  plan: ReadonlyMap<Shard, Reading>,
  available: number,
): void {
  const weights = Object.values(shapes).reduce((sum, shape) => sum + 4 * sizeOf(shape), 0);
  const stored = [...plan.values()].flat().map(([{ start, end }, place]) => {
    // The bytes as read, a copy that is aligned, and the numbers.
    return 2 * (end - start) + 4 * sizeOf(place.shape);
  });
  const needed = weights + Math.max(...stored);
  if (needed <= available) return;
  throw new CheckpointError(
    `${folder}: the weights take ${gigabytes(needed)} of memory in float32, ${gigabytes(available)} are free`,
    {
      field: 'memory',
      value: available,
      remedy: 'Take a smaller model, or a machine with more memory; an engine needs as much again',
    },
  );
}

/**
 * Reads the weights of a folder, tensor by tensor: beside the float32 weights themselves only one tensor of a file is in memory at a time.
 * Half precision and bfloat16 become float32 exactly.
 *
 * @param available - bytes of memory that may be taken; default what the system says is free
 * @throws CheckpointError naming the file and the tensor at fault
 */
export async function loadWeights(
  folder: string,
  config: TransformerConfig,
  available = availableMemory(),
): Promise<Named<HostTensor>> {
  const plan = planReading(folder, config, await readShards(folder));
  const shapes = parameterShapes(config);
  checkMemory(folder, shapes, plan, available);
  const parameters = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(sizeOf(shape))]),
  );
  for (const [shard, reading] of plan) {
    const file = await openFile(shard.path);
    try {
      for (const [stored, place] of reading) {
        const { data } = decodeTensor(stored, await file.read(stored.start, stored.end));
        placeTensor(place, data as Float32Array, parameters[place.parameter]!);
      }
    } finally {
      await file.close();
    }
  }
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, HostTensor] => [
      name,
      { dtype: 'float32', shape, data: parameters[name]! },
    ]),
  );
}
