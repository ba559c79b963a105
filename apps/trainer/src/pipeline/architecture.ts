import { transformerConfig, type TransformerConfig } from '@spark-rl/transformer-policy';

import type { ScratchModelConfig } from '../config/model-schema.js';

/** The architecture of a model from scratch; the vocabulary is what the tokenizer learned. */
export function architectureOf(
  { width, layers, heads, hiddenWidth, contextLength }: ScratchModelConfig,
  vocabularySize: number,
): TransformerConfig {
  return transformerConfig({ width, layers, heads, hiddenWidth, contextLength, vocabularySize });
}
