import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';
import {
  configHash,
  createRun,
  openCheckpoints,
  openRun,
  readManifest,
  type Manifest,
  type Run,
} from '@spark-rl/run-store';

import { recordedConfig } from '../config/recorded-config.js';
import type { TrainConfig } from '../config/schema.js';
import { loadCheckpoint, type RunCheckpoint } from '../pipeline/checkpoint.js';
import { readEvaluation, type StoredEvaluation } from '../pipeline/evaluation-file.js';

/** What the variants of a seed begin with. */
export interface BaseRun {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly config: TrainConfig;
  readonly warm: RunCheckpoint;
  readonly warmEvaluation: StoredEvaluation;
  /** Its end, where it was trained to it. */
  readonly final?: { readonly checkpoint: RunCheckpoint; readonly evaluation: StoredEvaluation };
}

/**
 * Reads a run that others are compared with.
 *
 * @throws InvalidInputError when its warm-up is not finished and measured
 */
export async function readBase(folder: string): Promise<BaseRun> {
  const manifest = await readManifest(folder);
  const config = recordedConfig(folder, manifest);
  const checkpoints = openCheckpoints(join(folder, 'checkpoints'));
  const of = async (name: string) =>
    (await checkpoints.has(name)) ? loadCheckpoint(checkpoints, name, config.model) : undefined;
  const [warm, warmEvaluation] = [await of('warmup'), await readEvaluation({ folder }, 'warmup')];
  if (warm === undefined || warmEvaluation === undefined) {
    throw new InvalidInputError(`the warm-up of ${folder} is not finished`, {
      field: '--run',
      value: folder,
      remedy: `Finish it first: npm run -s spark-rl -- resume ${folder}`,
    });
  }
  const [checkpoint, evaluation] = [await of('final'), await readEvaluation({ folder }, 'final')];
  const final =
    checkpoint === undefined || evaluation === undefined ? undefined : { checkpoint, evaluation };
  return { folder, manifest, config, warm, warmEvaluation, ...(final !== undefined && { final }) };
}

/**
 * Opens a run of a comparison, or begins it.
 *
 * @throws InvalidInputError when one of that name has other settings
 */
export async function variantRun(
  base: Manifest,
  root: string,
  id: string,
  config: TrainConfig,
): Promise<Run> {
  const folder = join(root, id);
  const hash = configHash(config);
  if (!existsSync(join(folder, 'manifest.json'))) {
    return createRun(root, {
      ...base,
      id,
      createdAt: new Date().toISOString(),
      command: process.argv.slice(2),
      seed: config.seed,
      config: config,
      configHash: hash,
    });
  }
  if ((await readManifest(folder)).configHash === hash) return openRun(folder);
  throw new InvalidInputError(`${folder} was made with other settings`, {
    field: '--id',
    value: id,
    remedy: 'Give the comparison another --id, or repeat the command that began it.',
  });
}
