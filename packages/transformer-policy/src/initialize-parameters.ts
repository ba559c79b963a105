import { randomSource, type RandomKey } from '@spark-rl/core';
import type { HostTensor, Named } from '@spark-rl/tensor';

import { parameterShapes, transformerConfig, type TransformerOptions } from './config.js';

const STANDARD_DEVIATION = 0.02;

/**
 * Fresh weights: norms are 1, biases 0, everything else is normal with standard deviation 0.02; the two projections of a block that write to
 * the residual stream are divided by sqrt(2 * layers), so that its size does not grow with depth (Radford et al. 2019, section 2.3).
 * Every parameter draws from a stream of its own name: the same key gives the same weights.
 */
export function initializeParameters(
  options: TransformerOptions,
  key: RandomKey,
): Named<HostTensor> {
  const config = transformerConfig(options);
  const residual = STANDARD_DEVIATION / Math.sqrt(2 * config.layers);
  return Object.fromEntries(
    Object.entries(parameterShapes(config)).map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
      if (name.endsWith('Norm')) {
        data.fill(1);
      } else if (!name.endsWith('Bias')) {
        const random = randomSource([...key, 'parameter', name]);
        const deviation = /\.(attentionOutput|down)$/.test(name) ? residual : STANDARD_DEVIATION;
        for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
      }
      return [name, { dtype: 'float32', shape, data } satisfies HostTensor];
    }),
  );
}
