import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { responseGrammar } from '@spark-rl/agent-protocol';
import { referenceEngine, type Engine, type HostTensor, type Named } from '@spark-rl/tensor';
import {
  initializeParameters,
  loadTokenizer,
  saveModel,
  trainTokenizer,
  transformerPolicy,
  type Model,
  type TransformerPolicy,
} from '@spark-rl/transformer-policy';
import { transformerConfig } from '@spark-rl/transformer-policy';

import { startServer, type RunningServer, type ServeSettings } from '../src/serve/http-server.js';
import type { ServedModel } from '../src/serve/served-model.js';

const TEXTS = [
  'You are in the kitchen. On the table 1, you see a mug 1, a plate 2.',
  '<think>the mug is on the table</think><action>take mug 1 from table 1</action><|end|>',
  '<explore>where is the mug?</explore><action>go to cabinet 12</action><|end|>',
];
const TAGS = ['<explore>', '</explore>', '<think>', '</think>', '<action>', '</action>'];

/** A model of a few thousand weights that speaks nonsense, but not flatly. */
export function tinyModel(seed = 1, contextLength = 128): Model {
  const tokenizer = loadTokenizer(
    trainTokenizer(TEXTS, { vocabularySize: 300, specialTokens: TAGS }),
  );
  const config = transformerConfig({
    vocabularySize: tokenizer.vocabularySize,
    contextLength,
    layers: 1,
    width: 8,
    heads: 2,
    hiddenWidth: 16,
  });
  const parameters: Named<HostTensor> = Object.fromEntries(
    Object.entries(initializeParameters(config, ['tiny', seed])).map(([name, tensor]) => [
      name,
      name.endsWith('Norm')
        ? tensor
        : ({ ...tensor, data: Float32Array.from(tensor.data, (x) => 20 * x) } as HostTensor),
    ]),
  );
  return { config, parameters, tokenizer };
}

/** Writes a model as a folder. */
export function writeModel(folder: string, model: Model): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of saveModel(model)) writeFileSync(join(folder, name), bytes);
}

export interface Served {
  readonly server: RunningServer;
  readonly policy: TransformerPolicy;
  readonly model: Model;
  readonly close: () => Promise<void>;
}

export const grammar = responseGrammar();

/** Serves a tiny model in this process. */
export async function serveTiny(
  settings: Partial<ServeSettings> & {
    readonly of?: Model;
    readonly engine?: Engine;
    readonly wrap?: (model: ServedModel) => ServedModel;
  } = {},
): Promise<Served> {
  const { of: model = tinyModel(), engine = referenceEngine(), wrap, ...rest } = settings;
  const { config, tokenizer } = model;
  const parameters = engine.parameters(model.parameters);
  const policy = transformerPolicy({ engine, config, tokenizer, parameters, version: 'v1' });
  const served: ServedModel = {
    name: 'tiny',
    policy,
    created: 1,
    contextLength: config.contextLength,
    tokenizer,
    parse: grammar.parse,
  };
  const server = await startServer({
    model: wrap === undefined ? served : wrap(served),
    host: '127.0.0.1',
    port: 0,
    tokens: null,
    ...rest,
  });
  return {
    server,
    policy,
    model,
    close: async () => {
      await server.close(0);
      await policy.close();
    },
  };
}
