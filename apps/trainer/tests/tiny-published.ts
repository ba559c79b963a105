import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { agentProtocol } from '@spark-rl/agent-protocol';
import { withEnvironment } from '@spark-rl/core';
import { collectExpertEpisodes } from '@spark-rl/sft-warmup';
import type { HostTensor } from '@spark-rl/tensor';
import {
  initializeParameters,
  loadTokenizer,
  saveHuggingFaceModel,
  trainTokenizer,
  transformerConfig,
  type TransformerOptions,
} from '@spark-rl/transformer-policy';

import { presetNamed } from '../src/config/presets.js';
import { openWorld } from '../src/worlds/world.js';

/** ChatML, as Qwen's folders have it. */
const CHAT_TEMPLATE =
  "{%- for message in messages -%}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endfor -%}" +
  "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}";

/** The published families in small, and how their folders differ. */
const TINY_FAMILIES = {
  /** Qwen2: biases, a tied head, a chat template, no begin of sequence. */
  qwen2: { sizes: { qkvBias: true, ropeBase: 1e6 }, chat: true, begin: false },
  /** Llama: a head of its own, a begin of sequence; a base model without a chat template. */
  llama: { sizes: { tiedHead: false, ropeBase: 5e5 }, chat: false, begin: true },
} as const satisfies Record<
  string,
  { sizes: Partial<TransformerOptions>; chat: boolean; begin: boolean }
>;

/** Texts of the small games, as chat messages have them: what the tokenizer learns its words from. */
async function someTexts(): Promise<readonly string[]> {
  const world = await openWorld(presetNamed('smoke'));
  const protocol = agentProtocol({ grammar: 'spark', form: 'messages' });
  const tasks = await world.trainingTasks(1, 0, 12);
  const { episodes } = await withEnvironment(world.environment, (environment) =>
    collectExpertEpisodes({
      environment,
      expert: world.expert,
      tasks,
      maxTurns: 12,
      key: ['tiny'],
      admissible: true,
    }),
  );
  const { brief } = world;
  return episodes.flatMap(({ instruction, steps }) =>
    steps.flatMap(({ observation, admissible, turn }) => {
      const shown = admissible === undefined ? {} : { admissible };
      const prompt = protocol.prompt({ brief, instruction, past: [], observation, ...shown });
      const text = prompt.kind === 'messages' ? prompt.messages[0]!.content : '';
      return [text, protocol.render(turn)];
    }),
  );
}

/** Writes a folder as on Hugging Face: random weights in several files, a byte-pair tokenizer without SPARK’s tags. */
export async function writeTinyPublished(
  folder: string,
  family: keyof typeof TINY_FAMILIES,
  contextLength = 4096,
): Promise<string> {
  const { sizes, chat, begin } = TINY_FAMILIES[family];
  const json = trainTokenizer(await someTexts(), {
    vocabularySize: 1200,
    specialTokens: ['<|im_start|>', '<|im_end|>', '<|begin|>'],
  });
  const tokenizer = loadTokenizer(json, { endOfSequence: '<|im_end|>' });
  const config = transformerConfig({
    // Published vocabularies are padded too.
    vocabularySize: 64 * Math.ceil(tokenizer.vocabularySize / 64),
    contextLength,
    layers: 2,
    width: 32,
    heads: 4,
    keyValueHeads: 2,
    hiddenWidth: 64,
    ...sizes,
  });
  const parameters = Object.fromEntries(
    Object.entries(initializeParameters(config, ['tiny', family])).map(([name, tensor]) => [
      name,
      name.endsWith('Norm')
        ? tensor
        : ({ ...tensor, data: Float32Array.from(tensor.data, (x) => 2 * x) } as HostTensor),
    ]),
  );
  mkdirSync(folder, { recursive: true });
  await saveHuggingFaceModel(
    folder,
    { config, parameters, tokenizer },
    { shardBytes: 100_000, replace: true },
  );
  const tokenizerConfig = {
    ...(JSON.parse(readFileSync(join(folder, 'tokenizer_config.json'), 'utf8')) as object),
    eos_token: '<|im_end|>',
    add_bos_token: begin,
    bos_token: begin ? '<|begin|>' : null,
    chat_template: chat ? CHAT_TEMPLATE : undefined,
  };
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(tokenizerConfig, null, 2));
  return folder;
}
