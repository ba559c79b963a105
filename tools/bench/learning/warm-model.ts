import { withEnvironment } from '@spark-rl/core';
import { collectExpertEpisodes, expertExamples, sftTrainer } from '@spark-rl/sft-warmup';
import type { Engine, HostTensor, Named } from '@spark-rl/tensor';
import {
  decoderTransformer,
  initializeParameters,
  loadTokenizer,
  trainTokenizer,
  type Tokenizer,
  type TransformerConfig,
} from '@spark-rl/transformer-policy';

import type { TrainConfig } from '../../../apps/trainer/src/config/schema.js';
import { architectureOf } from '../../../apps/trainer/src/pipeline/architecture.js';
import { tagsOf } from '../../../apps/trainer/src/worlds/agent-words.js';
import type { World } from '../../../apps/trainer/src/worlds/world.js';
import { scratchModelOf } from '../scratch-model.js';

/** A model that writes the form of answers. */
export interface WarmModel {
  readonly config: TransformerConfig;
  readonly tokenizer: Tokenizer;
  readonly parameters: Named<HostTensor>;
}

/** Warms the model of a configuration up on `warmup.tokens` tokens of expert games, as the app does. */
export async function warmModel(
  engine: Engine,
  world: World,
  trained: TrainConfig,
): Promise<WarmModel> {
  const { seed, warmup, environment, agent } = trained;
  const model = scratchModelOf(trained);
  const tasks = await world.trainingTasks(seed, 0, warmup.episodes);
  const { episodes } = await withEnvironment(world.environment, (household) =>
    collectExpertEpisodes({
      environment: household,
      expert: world.expert,
      tasks,
      maxTurns: environment.maxTurns,
      key: [seed, 'expert'],
    }),
  );
  const texts = episodes.flatMap(({ steps }) =>
    steps.flatMap(({ observation, turn }) => [observation, world.protocol.render(turn)]),
  );
  const tokenizer = loadTokenizer(
    trainTokenizer(texts, {
      vocabularySize: model.vocabularySize,
      specialTokens: [...tagsOf(agent.grammar)],
    }),
  );
  const config = architectureOf(model, tokenizer.vocabularySize);
  const { rows } = expertExamples({
    episodes,
    protocol: world.protocol,
    brief: world.brief,
    tokenizer,
    contextLength: config.contextLength,
  });
  const trainer = await sftTrainer({
    engine,
    model: decoderTransformer(config),
    start: initializeParameters(config, [seed, 'weights']),
    rows,
    key: [seed, 'warm-up'],
    options: {
      learningRate: warmup.learningRate,
      warmupShare: 0.05,
      finalRateShare: 0.1,
      tokens: warmup.tokens,
      batchRows: warmup.batchRows,
    },
  });
  await trainer.train();
  const { parameters } = await trainer.snapshot();
  trainer.dispose();
  return { config, tokenizer, parameters };
}
