import type { LanguageModel } from '@spark-rl/tensor';

import { transformerConfig, type TransformerOptions } from '../config.js';
import { decoderTransformer } from '../decoder-transformer.js';
import { adapterShapes, loraConfig, type LoraOptions } from './lora-config.js';
import { loraProjection } from './lora-projection.js';

/**
 * The transformer with low-rank adapters: every adapted projection is x W + s (x A) B. Its parameters are those of
 * {@link decoderTransformer}, which are frozen, and the adapters, which training changes.
 *
 * @throws InvalidInputError naming the field at fault
 */
export function loraTransformer(
  options: TransformerOptions,
  loraOptions: LoraOptions,
): LanguageModel {
  const config = transformerConfig(options);
  const lora = loraConfig(loraOptions);
  const model = decoderTransformer(config, loraProjection(config, lora));
  return {
    ...model,
    parameters: { ...model.parameters, ...adapterShapes(config, lora) },
    frozen: Object.keys(model.parameters),
  };
}
