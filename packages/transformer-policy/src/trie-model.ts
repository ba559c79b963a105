import { InvalidInputError } from '@spark-rl/core';
import type { TrieModel } from '@spark-rl/tensor';

import { MASKED } from './blocks.js';
import type { TransformerConfig } from './config.js';
import { need } from './parameters.js';
import type { Projection } from './projection.js';
import type { RotaryRows } from './rotary.js';
import { transformerLogits } from './transformer-logits.js';

/**
 * The transformer over tries of tokens: all but attention is as for rows. The keys and values of a block are fetched from wherever the tokens of
 * its path stand, and a token sees those up to its own position.
 */
export function trieModel(
  config: TransformerConfig,
  angles: (positions: Int32Array) => RotaryRows,
  projection: Projection,
): TrieModel {
  const { contextLength, headDim, keyValueHeads } = config;
  return {
    inputs: {
      tokens: { dtype: 'int32', shape: ['batch', 'time'] },
      cosines: { dtype: 'float32', shape: ['batch', 'time', headDim] },
      sines: { dtype: 'float32', shape: ['batch', 'time', headDim] },
      depths: { dtype: 'float32', shape: ['batch', 'time'] },
      ancestors: { dtype: 'int32', shape: ['batch', 'key'] },
      keyDepths: { dtype: 'float32', shape: ['key'] },
    },
    prepare: ({ batch, time, keys, tokens, depths, ancestors }) => {
      const deepest = depths.reduce((most, depth) => Math.max(most, depth), 0);
      if (deepest >= contextLength) {
        throw new InvalidInputError(
          `a token stands at position ${deepest}; the context holds ${contextLength}`,
          { field: 'depths', value: deepest, remedy: 'Give shorter rows.' },
        );
      }
      const { cosines, sines } = angles(depths);
      return {
        tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
        cosines: { dtype: 'float32', shape: [batch, time, headDim], data: cosines },
        sines: { dtype: 'float32', shape: [batch, time, headDim], data: sines },
        depths: { dtype: 'float32', shape: [batch, time], data: Float32Array.from(depths) },
        ancestors: { dtype: 'int32', shape: [batch, keys], data: ancestors },
        keyDepths: {
          dtype: 'float32',
          shape: [keys],
          data: Float32Array.from({ length: keys }, (_, depth) => depth),
        },
      };
    },
    logits: (ops, parameters, inputs, positions) => {
      const table = (name: string) =>
        ops.reshape(need(inputs, name), ['batch', 'time', 1, headDim]);
      const depths = ops.reshape(need(inputs, 'depths'), ['batch', 1, -1, 1]);
      const seen = ops.lessEqual(need(inputs, 'keyDepths'), depths);
      return transformerLogits(ops, config, parameters, need(inputs, 'tokens'), positions, {
        rotary: { cosines: table('cosines'), sines: table('sines') },
        mask: ops.where(seen, ops.constant(0), ops.constant(MASKED)),
        layOut: (x) =>
          ops.gather(ops.reshape(x, [-1, keyValueHeads, headDim]), need(inputs, 'ancestors')),
        projection,
      });
    },
  };
}
