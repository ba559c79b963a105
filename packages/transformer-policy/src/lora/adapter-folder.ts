import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { TransformerOptions } from '../config.js';
import { writeFolderAtomically } from '../hugging-face/atomic-folder.js';
import { readIfThere } from '../hugging-face/files.js';
import {
  ADAPTER_FILES,
  decodeAdapter,
  encodeAdapter,
  type Adapter,
  type EncodeAdapterOptions,
} from './adapter-files.js';

/** How adapters are saved. */
export interface SaveAdapterOptions extends EncodeAdapterOptions {
  /** Whether a folder that has files already may be replaced. Default false. */
  readonly replace?: boolean;
}

const saveOptionsSchema = z.looseObject({ replace: z.boolean().default(false) });

/**
 * Saves adapters as the PEFT library does ({@link encodeAdapter}). The folder appears whole or not at all.
 *
 * @throws CheckpointError when an adapter is missing or has another shape, or the folder cannot be written
 */
export async function saveAdapter(
  folder: string,
  adapter: Parameters<typeof encodeAdapter>[0],
  options: SaveAdapterOptions = {},
): Promise<void> {
  const settings = parseInput(saveOptionsSchema, options, 'options of saveAdapter');
  const files = encodeAdapter(adapter, options);
  await writeFolderAtomically(
    folder,
    async (writer) => {
      for (const [name, bytes] of files) await writer.write(name, [bytes]);
    },
    settings,
  );
}

/**
 * Loads adapters that {@link saveAdapter} or the PEFT library saved.
 *
 * @param options - the architecture of the model that they adapt
 * @throws CheckpointError naming the file and the field
 */
export async function loadAdapter(folder: string, options: TransformerOptions): Promise<Adapter> {
  const files = new Map<string, Uint8Array>();
  for (const name of Object.values(ADAPTER_FILES)) {
    const bytes = await readIfThere(folder, name);
    if (bytes !== undefined) files.set(name, bytes);
  }
  return decodeAdapter(files, options, folder);
}
