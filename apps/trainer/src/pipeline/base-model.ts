import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { CheckpointError, InvalidInputError } from '@spark-rl/core';
import type { Manifest } from '@spark-rl/run-store';
import {
  loadHuggingFaceModel,
  readHuggingFaceFolder,
  type HuggingFaceFolder,
  type HuggingFaceModel,
} from '@spark-rl/transformer-policy';

import type { FolderModelConfig } from '../config/model-schema.js';

/** Which published model a run trains: where it lies, and the SHA-256 of each of its files. */
export type BaseRecord = NonNullable<Manifest['baseModel']>;

/** A published model, loaded. */
export interface BaseModel extends HuggingFaceModel {
  readonly record: BaseRecord;
}

/** What decides what the model is and says; a README beside it does not. */
const OF_THE_MODEL =
  /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map)\.json$|^chat_template\.jinja$|\.safetensors(\.index\.json)?$/;

/** Hashes by path, size and time of change: a file that is read again is not hashed again. */
const known = new Map<string, string>();

async function hashFile(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  const key = `${path}:${size}:${mtimeMs}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 22 }))
    hash.update(chunk as Buffer);
  const found = hash.digest('hex');
  known.set(key, found);
  return found;
}

/** The folder, and how it is asked to be read. */
const optionsOf = ({ contextLength, chatTemplateVariables }: FolderModelConfig) => ({
  ...(contextLength !== null && { contextLength }),
  chatTemplateVariables,
});

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new InvalidInputError(
    found === undefined ? `there is no folder ${folder}` : `${folder} is no folder`,
    {
      field: 'model.folder',
      value: folder,
      remedy:
        'Give the path of a folder with config.json, safetensors and tokenizer.json, as on Hugging Face; nothing is downloaded.',
    },
  );
}

/** Names every problem with a model folder by the field of the configuration. */
async function reading<Value>(folder: string, read: () => Promise<Value>): Promise<Value> {
  await requireFolder(folder);
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof CheckpointError || cause instanceof InvalidInputError)) throw cause;
    throw new InvalidInputError(`model.folder cannot be used: ${cause.message}`, {
      field: 'model.folder',
      value: folder,
      remedy: cause.remedy ?? 'Give another folder of Qwen2, Qwen2.5, Qwen3 or Llama 3.',
      cause,
    });
  }
}

/**
 * The record of a folder: all of its model files, hashed.
 *
 * @throws InvalidInputError naming model.folder when it is not there
 */
export async function recordOf(folder: string): Promise<BaseRecord> {
  const path = resolve(folder);
  return reading(path, async () => {
    const names = (await readdir(path)).filter((name) => OF_THE_MODEL.test(name)).sort();
    const files: Record<string, string> = {};
    for (const name of names) files[name] = await hashFile(join(path, name));
    return { folder: path, files };
  });
}

/**
 * Reads and checks what a folder says of its model, without the weights.
 *
 * @throws InvalidInputError naming model.folder, and the file and the field in it
 */
export const readBase = (config: FolderModelConfig): Promise<HuggingFaceFolder> =>
  reading(config.folder, () => readHuggingFaceFolder(config.folder, optionsOf(config)));

/**
 * Refuses a folder that is not what it was when the run began.
 *
 * @throws CheckpointError naming the first file that differs
 */
export function checkRecord(recorded: BaseRecord, found: BaseRecord): void {
  for (const name of new Set([...Object.keys(recorded.files), ...Object.keys(found.files)])) {
    const [before, now] = [recorded.files[name], found.files[name]];
    if (before === now) continue;
    const what = now === undefined ? 'is gone' : before === undefined ? 'is new' : 'has changed';
    throw new CheckpointError(
      `the model in ${found.folder} is not the one that the run began with: ${name} ${what}`,
      {
        field: 'model.folder',
        value: found.folder,
        remedy: 'Put back the files that the run began with, or start a new run.',
      },
    );
  }
}

/** The last model that was loaded, for as long as somebody still holds it: a run reads several checkpoints over one base. */
let last: { readonly key: string; readonly model: WeakRef<BaseModel> } | undefined;

/**
 * Loads the published model of a configuration.
 *
 * @param recorded - what the run began with; anything else is refused
 * @throws InvalidInputError or CheckpointError naming model.folder
 */
export async function loadBase(
  config: FolderModelConfig,
  recorded?: BaseRecord,
): Promise<BaseModel> {
  const record = await recordOf(config.folder);
  if (recorded !== undefined) checkRecord(recorded, record);
  const key = JSON.stringify([record, optionsOf(config)]);
  const held = last?.key === key ? last.model.deref() : undefined;
  if (held !== undefined) return held;
  const loaded = await reading(config.folder, () =>
    loadHuggingFaceModel(config.folder, optionsOf(config)),
  );
  const model: BaseModel = { ...loaded, record };
  last = { key, model: new WeakRef(model) };
  return model;
}
