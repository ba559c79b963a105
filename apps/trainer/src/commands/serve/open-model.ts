import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { CheckpointError, InvalidInputError } from '@spark-rl/core';
import { openCheckpoints } from '@spark-rl/run-store';
import {
  ADAPTER_FILES,
  loadHuggingFaceModel,
  loadModel,
  MODEL_FILES,
} from '@spark-rl/transformer-policy';

import { readRecordedConfig } from '../../config/recorded-config.js';
import type { AgentModel } from '../../pipeline/agent-model.js';
import { loadCheckpoint } from '../../pipeline/checkpoint.js';

/** A model to serve, and what it is called. */
export interface OpenedModel {
  readonly model: AgentModel;
  /** The name of the folder. */
  readonly name: string;
  /** Names the weights. */
  readonly version: string;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Whether `config.json` is that of a published model: ours names no family. */
async function isPublished(folder: string): Promise<boolean> {
  try {
    const json = JSON.parse(await readFile(join(folder, MODEL_FILES.config), 'utf8')) as unknown;
    return typeof json === 'object' && json !== null && 'model_type' in json;
  } catch {
    return false;
  }
}

async function readFolder(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const wanted: readonly string[] = Object.values(MODEL_FILES);
  const names = (await readdir(folder)).filter(
    (name) => wanted.includes(name) || /^model-\d+-of-\d+\.safetensors$/.test(name),
  );
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name))] as const),
    ),
  );
}

/**
 * Opens what is served: a checkpoint of a run, a folder as it is published on Hugging Face, or a folder in our own form, such as a
 * checkpoint's.
 *
 * @param checkpoint - of a run; `final` by default
 * @throws InvalidInputError or CheckpointError naming what is missing
 */
export async function openModel(folder: string, checkpoint?: string): Promise<OpenedModel> {
  const name = basename(resolve(folder));
  if (!(await isThere(folder))) {
    throw new InvalidInputError(`there is no folder ${folder}`, {
      field: 'folder',
      value: folder,
      remedy: 'Give a run folder, such as runs/quickstart-1, or the folder of a model.',
    });
  }
  if (await isThere(join(folder, 'manifest.json'))) {
    const version = checkpoint ?? 'final';
    const config = await readRecordedConfig(folder);
    const checkpoints = openCheckpoints(join(folder, 'checkpoints'));
    const { model } = await loadCheckpoint(checkpoints, version, config.model);
    return { model, name, version };
  }
  if (checkpoint !== undefined) {
    throw new InvalidInputError(`${folder} is the folder of a model, which has no checkpoints`, {
      field: '--checkpoint',
      value: checkpoint,
      remedy: 'Leave --checkpoint out, or give a run folder.',
    });
  }
  if (await isThere(join(folder, ADAPTER_FILES.config))) {
    throw new CheckpointError(`${folder} holds adapters, not the model that they adapt`, {
      field: ADAPTER_FILES.config,
      remedy: 'Give the run folder and --checkpoint, or export the run with --format hugging-face.',
    });
  }
  if (await isPublished(folder)) {
    return { model: await loadHuggingFaceModel(folder), name, version: name };
  }
  if (!(await isThere(join(folder, MODEL_FILES.config)))) {
    throw new CheckpointError(`${folder} is neither a run nor a model`, {
      field: MODEL_FILES.config,
      remedy: 'Give a folder with manifest.json (a run) or with config.json (a model).',
    });
  }
  return { model: loadModel(await readFolder(folder)), name, version: name };
}
