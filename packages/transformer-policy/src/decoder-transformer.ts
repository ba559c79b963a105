import { InvalidInputError } from '@spark-rl/core';
import type { HostTensor, LanguageModel, Named } from '@spark-rl/tensor';

import { MASKED } from './blocks.js';
import { parameterShapes, transformerConfig, type TransformerOptions } from './config.js';
import { need } from './parameters.js';
import { project, type Projection } from './projection.js';
import { rotaryAngles } from './rotary.js';
import { transformerLogits } from './transformer-logits.js';
import { trieModel } from './trie-model.js';

function causalMask(time: number): Float32Array {
  const mask = new Float32Array(time * time);
  for (let row = 0; row < time; row++) mask.fill(MASKED, row * time + row + 1, (row + 1) * time);
  return mask;
}

/**
 * A decoder-only transformer: token embedding, blocks of RMSNorm, rotary causal attention and SwiGLU, a final RMSNorm and a head
 * that is the embedding itself or a matrix of its own; with grouped queries, biases, norms of queries and keys and rotary scaling where
 * the config says so, it is Qwen2, Qwen3 or Llama 3. Activations stay [batch, time, width], so one compiled program takes any
 * batch and any length up to `contextLength`.
 *
 * @param projection - how blocks multiply by their matrices; default plainly
 * @throws InvalidInputError naming the field of the config at fault
 */
export function decoderTransformer(
  options: TransformerOptions,
  projection: Projection = project,
): LanguageModel {
  const config = transformerConfig(options);
  const { contextLength, vocabularySize, headDim } = config;
  const angles = rotaryAngles(config);
  // Training asks for few different lengths, one after another: what was made last is usually right.
  let last: { readonly time: number; readonly inputs: Named<HostTensor> } | undefined;

  const inputsOfLength = (time: number): Named<HostTensor> => {
    const { cosines, sines } = angles(Int32Array.from({ length: time }, (_, position) => position));
    return {
      cosines: { dtype: 'float32', shape: [time, headDim], data: cosines },
      sines: { dtype: 'float32', shape: [time, headDim], data: sines },
      mask: { dtype: 'float32', shape: [time, time], data: causalMask(time) },
    };
  };

  const prepare = (tokens: Int32Array, batch: number, time: number): Named<HostTensor> => {
    if (tokens.length !== batch * time || time < 1 || time > contextLength) {
      throw new InvalidInputError(
        `${tokens.length} tokens were given for ${batch} rows of ${time}; the context holds ${contextLength}`,
        { field: 'tokens', remedy: 'Pad every row to the same length, at most contextLength' },
      );
    }
    if (last?.time !== time) last = { time, inputs: inputsOfLength(time) };
    return { tokens: { dtype: 'int32', shape: [batch, time], data: tokens }, ...last.inputs };
  };

  return {
    parameters: parameterShapes(config),
    vocabularySize,
    contextLength,
    inputs: {
      tokens: { dtype: 'int32', shape: ['batch', 'time'] },
      cosines: { dtype: 'float32', shape: ['time', headDim] },
      sines: { dtype: 'float32', shape: ['time', headDim] },
      mask: { dtype: 'float32', shape: ['time', 'time'] },
    },
    prepare,
    tries: trieModel(config, angles, projection),
    logits: (ops, parameters, inputs, positions) => {
      const table = (name: string) => ops.reshape(need(inputs, name), ['time', 1, headDim]);
      const rotary = { cosines: table('cosines'), sines: table('sines') };
      const mask = need(inputs, 'mask');
      return transformerLogits(ops, config, parameters, need(inputs, 'tokens'), positions, {
        rotary,
        mask,
        projection,
      });
    },
  };
}
