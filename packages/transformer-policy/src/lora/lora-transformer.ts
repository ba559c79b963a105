import type { LanguageModel } from '@spark-rl/tensor';

import { transformerConfig, type TransformerOptions } from '../config.js';
import { decoderTransformer } from '../decoder-transformer.js';
import { need } from '../parameters.js';
import { project, type Projection } from '../projection.js';
import {
  adapterParameter,
  adapterShapes,
  loraConfig,
  loraScale,
  targetPlaces,
  type LoraOptions,
} from './lora-config.js';

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
  const places = targetPlaces(config);

  const adapted: Projection = (ops, parameters, layer, name, x) => {
    const product = project(ops, parameters, layer, name, x);
    const parts = places.filter(({ projection }) => projection === name);
    if (!parts.some(({ target }) => lora.targets.includes(target))) return product;
    const scale = ops.constant(loraScale(lora));
    const added = parts.map(({ target, start, size }) => {
      const part = parts.length === 1 ? product : ops.slice(product, -1, start, start + size);
      if (!lora.targets.includes(target)) return part;
      const low = ops.matMul(x, need(parameters, adapterParameter(layer, target, 'A')));
      const change = ops.matMul(
        ops.mul(low, scale),
        need(parameters, adapterParameter(layer, target, 'B')),
      );
      return ops.add(part, change);
    });
    return added.length === 1 ? added[0]! : ops.concat(added, -1);
  };

  const model = decoderTransformer(config, adapted);
  return {
    ...model,
    parameters: { ...model.parameters, ...adapterShapes(config, lora) },
    frozen: Object.keys(model.parameters),
  };
}
