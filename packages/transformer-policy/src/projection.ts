import type { Named, TensorOps } from '@spark-rl/tensor';

import { layerParameter } from './config.js';
import { need } from './parameters.js';

/** The matrices of a block. */
export type ProjectionName = 'qkv' | 'attentionOutput' | 'gateUp' | 'down';

/** How a block multiplies activations `x` [.., in] by one of its matrices [in, out]. */
export type Projection = <T>(
  ops: TensorOps<T>,
  parameters: Named<T>,
  layer: number,
  name: ProjectionName,
  x: T,
) => T;

/** x W. */
export const project: Projection = (ops, parameters, layer, name, x) =>
  ops.matMul(x, need(parameters, layerParameter(layer, name)));
