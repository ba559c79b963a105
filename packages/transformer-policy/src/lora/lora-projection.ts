import type { TransformerConfig } from '../config.js';
import { need } from '../parameters.js';
import { project, type Projection } from '../projection.js';
import { adapterParameter, loraScale, targetPlaces, type LoraConfig } from './lora-config.js';

/** How a block with adapters multiplies: x W + s (x A) B in the columns of every target. */
export function loraProjection(config: TransformerConfig, lora: LoraConfig): Projection {
  const places = targetPlaces(config);
  return (ops, parameters, layer, name, x) => {
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
}
