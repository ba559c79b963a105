import { CheckpointError, parseInput } from '@spark-rl/core';
import { manifestSchema, type CheckpointFiles } from '@spark-rl/run-store';
import type { HostTensor, Named } from '@spark-rl/tensor';
import {
  ADAPTER_FILES,
  decodeAdapter,
  encodeAdapter,
  loadModel,
  MODEL_FILES,
  saveModel,
} from '@spark-rl/transformer-policy';

import type { FolderModelConfig, ModelConfig } from '../config/model-schema.js';
import { checkLora, loraOf, type AgentModel, type AgentModelShape } from './agent-model.js';
import { architectureOf } from './architecture.js';
import { loadBase, type BaseRecord } from './base-model.js';

/** Names the published model that the checkpoint's began as. */
const BASE = 'base.json';

const jsonBytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

const baseFile = ({ base }: AgentModelShape): readonly (readonly [string, Uint8Array])[] =>
  base === undefined ? [] : [[BASE, jsonBytes(base)]];

/**
 * The weights of a checkpoint as files: a model folder that stands alone; or, where adapters are trained, a folder of the PEFT library, and
 * which model they adapt.
 */
export function encodeWeights(
  model: AgentModelShape,
  parameters: Named<HostTensor>,
): CheckpointFiles {
  const { config, tokenizer, lora, base } = model;
  const weights =
    lora === undefined
      ? saveModel({ config, tokenizer, parameters })
      : encodeAdapter(
          { config, lora, adapters: parameters },
          base === undefined ? {} : { baseModel: base.folder },
        );
  return new Map([...weights, ...baseFile(model)]);
}

/** The same for a model that nothing was learned by yet: of a published one without adapters only its name is kept. */
export const encodeFreshWeights = (model: AgentModel): CheckpointFiles =>
  model.lora === undefined && model.base !== undefined
    ? new Map(baseFile(model))
    : encodeWeights(model, model.parameters);

function recordedBase(files: CheckpointFiles, name: string): BaseRecord | undefined {
  const bytes = files.get(BASE);
  if (bytes === undefined) return undefined;
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return parseInput(manifestSchema.shape.baseModel.unwrap(), json, BASE);
  } catch (cause) {
    throw new CheckpointError(`${BASE} of checkpoint ${name} cannot be used`, {
      field: BASE,
      remedy: 'The checkpoint is damaged: restore it from a copy, or delete its folder.',
      cause,
    });
  }
}

async function decodeAdapted(
  files: CheckpointFiles,
  name: string,
  expected: FolderModelConfig,
  record: BaseRecord | undefined,
): Promise<AgentModel> {
  const base = await loadBase(expected, record);
  const { config, tokenizer } = base;
  const { lora, adapters } = decodeAdapter(files, config, `checkpoint ${name}`);
  checkLora(loraOf(expected), lora);
  const parameters = { ...base.parameters, ...adapters };
  return { config, tokenizer, parameters, lora, base: base.record };
}

/**
 * Reads the weights of a checkpoint. Adapters are put beside the weights of the published model that they adapt, which must be what it was.
 *
 * @param expected - the model of the run's configuration; how large its vocabulary is its tokenizer decided
 * @throws CheckpointError when a file is missing or damaged, the checkpoint is of another model, or the published one has changed
 */
export async function decodeWeights(
  files: CheckpointFiles,
  name: string,
  expected: ModelConfig,
): Promise<AgentModel> {
  const base = recordedBase(files, name);
  if (expected.from === 'folder') {
    if (files.has(ADAPTER_FILES.config)) return decodeAdapted(files, name, expected, base);
    checkLora(loraOf(expected), undefined);
    if (base !== undefined && !files.has(MODEL_FILES.config)) {
      const { config, tokenizer, parameters, record } = await loadBase(expected, base);
      return { config, tokenizer, parameters, base: record };
    }
    return { ...loadModel(files), base };
  }
  if (files.has(ADAPTER_FILES.config)) {
    throw new CheckpointError(
      `checkpoint ${name} holds adapters, the configuration has a model from scratch`,
      { field: 'model.from', remedy: 'Restore the manifest from a copy, or start a new run.' },
    );
  }
  const { vocabularySize } = loadModel(files).config;
  return loadModel(files, architectureOf(expected, vocabularySize));
}
