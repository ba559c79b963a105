import { parseInput } from '@spark-rl/core';
import { readManifest, type Manifest } from '@spark-rl/run-store';

import { trainConfigSchema, type TrainConfig } from './schema.js';

/**
 * The configuration of a run as its manifest holds it.
 *
 * @throws InvalidInputError naming the field that this version does not know or allow
 */
export const recordedConfig = (folder: string, manifest: Manifest): TrainConfig =>
  parseInput(
    trainConfigSchema,
    manifest.config,
    `${folder}/manifest.json: config`,
    'The run was made by another version, or the file was changed: restore it, or start a new run.',
  );

/** The same, read from the run's folder. @throws RunStoreError when that is none */
export const readRecordedConfig = async (folder: string): Promise<TrainConfig> =>
  recordedConfig(folder, await readManifest(folder));
