import type { GenerationRequest } from '@spark-rl/core';
import { referenceEngine, type Engine, type HostTensor, type Named } from '@spark-rl/tensor';

import {
  initializeParameters,
  loadTokenizer,
  trainTokenizer,
  transformerPolicy,
  type TransformerOptions,
  type TransformerPolicy,
  type TransformerPolicyOptions,
} from '../src/index.js';

export const TEXTS = [
  'You are in the kitchen. On the table 1, you see a mug 1, a plate 2.',
  '<think>the mug is on the table</think><action>take mug 1 from table 1</action><|end|>',
  '<explore>where is the mug?</explore><action>go to cabinet 12</action><|end|>',
];
export const SPECIALS = ['<explore>', '</explore>', '<think>', '</think>', '<action>', '</action>'];

export const tokenizer = loadTokenizer(
  trainTokenizer(TEXTS, { vocabularySize: 300, specialTokens: SPECIALS }),
);

/** A model small enough for float64 in JavaScript. Its weights are larger than fresh ones, so that its distributions are not flat. */
export const config = {
  vocabularySize: tokenizer.vocabularySize,
  contextLength: 96,
  layers: 2,
  width: 8,
  heads: 2,
  hiddenWidth: 16,
} satisfies TransformerOptions;

export function weights(seed: number, scale = 20): Named<HostTensor> {
  return Object.fromEntries(
    Object.entries(initializeParameters(config, ['test', seed])).map(([name, tensor]) => [
      name,
      name.endsWith('Norm')
        ? tensor
        : ({ ...tensor, data: Float32Array.from(tensor.data, (x) => scale * x) } as HostTensor),
    ]),
  );
}

export function makePolicy(
  options: Partial<TransformerPolicyOptions> & { readonly seed?: number } = {},
): { policy: TransformerPolicy; engine: Engine } {
  const { seed = 1, ...rest } = options;
  const engine = rest.engine ?? referenceEngine();
  const parameters = engine.parameters(weights(seed));
  return {
    policy: transformerPolicy({ engine, config, tokenizer, parameters, version: 'v1', ...rest }),
    engine,
  };
}

export function request(
  text: string,
  key: string,
  options: {
    readonly maxTokens?: number;
    readonly temperature?: number;
  } & Partial<GenerationRequest> = {},
): GenerationRequest {
  const { maxTokens = 8, temperature = 1, ...rest } = options;
  return {
    prompt: { kind: 'transcript', segments: [{ text }] },
    sampling: { temperature, maxTokens },
    key: ['test', key],
    affinity: 'tree',
    ...rest,
  };
}
