import { CheckpointError } from '@spark-rl/core';
import type { HostTensor, LanguageModel, Named } from '@spark-rl/tensor';
import {
  decoderTransformer,
  initializeAdapters,
  loraConfig,
  loraTransformer,
  type LoraConfig,
  type LoraTarget,
  type Model,
} from '@spark-rl/transformer-policy';

import type { FolderModelConfig } from '../config/model-schema.js';
import { loadBase, type BaseRecord } from './base-model.js';

/** The model of a run: what samples and is trained. */
export interface AgentModel extends Model {
  /** Adapters among the parameters: then they alone are trained and stored. */
  readonly lora?: LoraConfig | undefined;
  /** The published model that it began as. */
  readonly base?: BaseRecord | undefined;
}

/** A model without its weights. */
export type AgentModelShape = Omit<AgentModel, 'parameters'>;

/** The adapters of a configuration, which names them as the PEFT library does. */
export function loraOf({ lora }: Pick<FolderModelConfig, 'lora'>): LoraConfig | undefined {
  if (lora === null) return undefined;
  const { rank, alpha, targetModules, rsLora } = lora;
  const targets = targetModules.map((name) => name.slice(0, -'_proj'.length) as LoraTarget);
  return loraConfig({ rank, alpha, targets, rankStabilized: rsLora });
}

/** The model as it is trained: all its weights, or adapters on frozen ones. */
export const trainedModel = ({
  config,
  lora,
}: Pick<AgentModel, 'config' | 'lora'>): LanguageModel =>
  lora === undefined ? decoderTransformer(config) : loraTransformer(config, lora);

/** The parameters that are trained, and stored in checkpoints. */
export function trainedParameters(
  model: Pick<AgentModel, 'config' | 'lora'>,
  parameters: Named<HostTensor>,
): Named<HostTensor> {
  const frozen = new Set(trainedModel(model).frozen);
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !frozen.has(name)));
}

/**
 * A published model as training begins with it: its own weights, and adapters that change nothing yet where the configuration asks for
 * them.
 */
export async function publishedModel(config: FolderModelConfig, seed: number): Promise<AgentModel> {
  const { record, parameters, ...base } = await loadBase(config);
  const lora = loraOf(config);
  const adapters =
    lora === undefined ? {} : initializeAdapters(base.config, lora, [seed, 'weights']);
  return {
    config: base.config,
    tokenizer: base.tokenizer,
    parameters: { ...parameters, ...adapters },
    lora,
    base: record,
  };
}

/** Refuses adapters that are not those of the configuration. @throws CheckpointError naming the field */
export function checkLora(wanted: LoraConfig | undefined, found: LoraConfig | undefined): void {
  if (JSON.stringify(wanted) === JSON.stringify(found)) return;
  const say = (lora: LoraConfig | undefined): string =>
    lora === undefined ? 'no adapters' : `adapters ${JSON.stringify(lora)}`;
  throw new CheckpointError(
    `the checkpoint is of another model: it has ${say(found)}, the configuration ${say(wanted)}`,
    {
      field: 'model.lora',
      value: found ?? null,
      remedy: 'Restore the manifest from a copy, or start a new run.',
    },
  );
}
