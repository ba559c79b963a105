import { resolve } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';
import type { TransformerConfig } from '@spark-rl/transformer-policy';

import type { TrainConfig } from '../config/schema.js';
import { readBase, recordOf, type BaseRecord } from './base-model.js';

/** A configuration with nothing left open about its model. */
export interface SettledModel {
  readonly config: TrainConfig;
  /** Of a published model: what it is, for the manifest. */
  readonly baseModel?: BaseRecord;
  /** Of a published model. */
  readonly architecture?: TransformerConfig;
}

/**
 * Looks at the folder of a published model before a run begins, and writes into the configuration what follows from it: the full path, the
 * context, and whether prompts are chat messages. A model from scratch is left as it is.
 *
 * @throws InvalidInputError naming the field, when the folder is missing, of an unknown architecture, or damaged
 */
export async function settleModel(config: TrainConfig): Promise<SettledModel> {
  const { model, agent } = config;
  if (model.from === 'scratch') return { config };
  const { config: architecture, tokenizer } = await readBase(model);
  const auto = tokenizer.hasChatTemplate ? 'messages' : 'transcript';
  const { contextLength } = architecture;
  if (config.rollout.maxResponseTokens >= contextLength) {
    throw new InvalidInputError(
      `responses of ${config.rollout.maxResponseTokens} tokens leave no room for a prompt`,
      {
        field: 'rollout.maxResponseTokens',
        value: config.rollout.maxResponseTokens,
        remedy: `The context of the model holds ${contextLength} tokens: allow fewer.`,
      },
    );
  }
  return {
    architecture,
    baseModel: await recordOf(model.folder),
    config: {
      ...config,
      model: { ...model, folder: resolve(model.folder), contextLength },
      agent: { ...agent, prompt: agent.prompt === 'auto' ? auto : agent.prompt },
    },
  };
}
