import type { HostTensor, Named } from '@spark-rl/tensor';

import { layerParameter, transformerConfig, type TransformerOptions } from '../config.js';
import { checkShapes } from '../model-files.js';
import {
  adapterParameter,
  adapterShapes,
  loraConfig,
  loraScale,
  pickAdapters,
  targetPlaces,
  type LoraOptions,
  type TargetPlace,
} from './lora-config.js';

/** Adds scale * A B to the columns of a matrix [inputs, columns]. */
function addProduct(
  matrix: Float32Array,
  columns: number,
  { inputs, start, size }: TargetPlace,
  a: Float32Array,
  b: Float32Array,
  scale: number,
): void {
  const rank = a.length / inputs;
  const row = new Float64Array(size);
  for (let i = 0; i < inputs; i++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scale * a[i * rank + k]!;
      const from = k * size;
      for (let j = 0; j < size; j++) row[j]! += factor * b[from + j]!;
    }
    const at = i * columns + start;
    for (let j = 0; j < size; j++) matrix[at + j]! += row[j]!;
  }
}

/**
 * The weights W + s A B: a plain model again, which samples and saves as any other. Matrices that no adapter changes are those given, not
 * copies. The cost is that of one product of rank r for every adapted matrix, in plain JavaScript.
 *
 * @param parameters - the base weights, and perhaps more; as `ParameterSet.read` gives them
 * @param adapters - the adapters; the same object serves when it holds both
 * @throws CheckpointError naming the first adapter that is missing or has another shape
 */
export function mergeAdapters(
  options: TransformerOptions,
  loraOptions: LoraOptions,
  parameters: Named<HostTensor>,
  adapters: Named<HostTensor>,
): Named<HostTensor> {
  const config = transformerConfig(options);
  const lora = loraConfig(loraOptions);
  const shapes = adapterShapes(config, lora);
  checkShapes(shapes, pickAdapters(config, lora, adapters), 'the adapters');
  const merged: Record<string, HostTensor> = Object.fromEntries(
    Object.entries(parameters).filter(([name]) => !(name in shapes)),
  );
  const data = (tensors: Named<HostTensor>, name: string): Float32Array =>
    tensors[name]!.data as Float32Array;
  const copied = new Set<string>();
  for (let layer = 0; layer < config.layers; layer++) {
    for (const place of targetPlaces(config)) {
      const { target, projection } = place;
      if (!lora.targets.includes(target)) continue;
      const name = layerParameter(layer, projection);
      const { shape } = merged[name]!;
      if (!copied.has(name)) {
        merged[name] = { dtype: 'float32', shape, data: data(parameters, name).slice() };
        copied.add(name);
      }
      addProduct(
        data(merged, name),
        shape[1]!,
        place,
        data(adapters, adapterParameter(layer, target, 'A')),
        data(adapters, adapterParameter(layer, target, 'B')),
        loraScale(lora),
      );
    }
  }
  return merged;
}
