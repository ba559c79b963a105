import type { ExpertCollection } from '@spark-rl/sft-warmup';
import {
  initializeParameters,
  loadTokenizer,
  trainTokenizer,
  type Tokenizer,
} from '@spark-rl/transformer-policy';

import type { ScratchModelConfig } from '../config/model-schema.js';
import type { TrainConfig } from '../config/schema.js';
import { tagsOf } from '../worlds/agent-words.js';
import type { World } from '../worlds/world.js';
import { publishedModel, type AgentModel } from './agent-model.js';
import { architectureOf } from './architecture.js';

/** A tokenizer for the texts of the games: what is observed and what is answered. */
function tokenizerFor(
  collection: ExpertCollection,
  { protocol, separators = [] }: World,
  { agent }: Pick<TrainConfig, 'agent'>,
  { vocabularySize }: ScratchModelConfig,
): Tokenizer {
  const texts = collection.episodes.flatMap(({ steps }) =>
    steps.flatMap(({ observation, turn }) => [observation, protocol.render(turn)]),
  );
  const specialTokens = [...tagsOf(agent.grammar), ...separators];
  return loadTokenizer(trainTokenizer(texts, { vocabularySize, specialTokens }));
}

/** The model before its warm-up: new weights, and a tokenizer for the words of the games; or the published one, with its own. */
export async function startModel(
  config: Pick<TrainConfig, 'agent' | 'model' | 'seed'>,
  world: World,
  collection: ExpertCollection,
): Promise<AgentModel> {
  const { model, seed } = config;
  if (model.from === 'folder') return publishedModel(model, seed);
  const tokenizer = tokenizerFor(collection, world, config, model);
  const architecture = architectureOf(model, tokenizer.vocabularySize);
  const parameters = initializeParameters(architecture, [seed, 'weights']);
  return { config: architecture, tokenizer, parameters };
}
