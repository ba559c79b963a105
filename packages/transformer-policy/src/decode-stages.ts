import type { Dim, Named, TensorOps, TensorProgram, TensorSpec } from '@spark-rl/tensor';

import {
  attend,
  attentionInputs,
  finishBlock,
  outputLogits,
  type AttentionInputs,
} from './blocks.js';
import { layerParameter, parameterShapes, type TransformerConfig } from './config.js';
import {
  adapterParameter,
  adapterShapes,
  type LoraConfig,
  type LoraTarget,
} from './lora/lora-config.js';
import { loraProjection } from './lora/lora-projection.js';
import { need } from './parameters.js';

/** How many new tokens a row brings: exactly one when decoding, any number from 2 when prefilling. */
export type DecodeMode = 'decode' | 'prefill';

/**
 * The forward pass over new tokens, cut at the places where keys and values become known: stage 0 embeds the tokens and makes the
 * queries, keys and values of block 0; stage i (1 <= i <= layers) attends in block i - 1, finishes it, and makes those of block i,
 * the last one makes logits instead.
 *
 * Between two stages the caller writes the new keys and values into its cache, at their absolute positions. So every position a
 * query sees, old or new, is one slot of one contraction in the order of positions: the result cannot depend on how the prompt was
 * cut into chunks. And a stage reads the cache without copying it.
 *
 * Named dimensions: `batch` rows, `time` new tokens a row (absent in decode mode, where it is 1), `slots` of the cache, `picked`
 * rows of logits.
 *
 * @param lora - adapters that are applied as in training, where there are any
 */
export function decodeStages(
  config: TransformerConfig,
  mode: DecodeMode,
  lora?: LoraConfig,
): readonly TensorProgram[] {
  const { layers, width, heads, keyValueHeads, headDim } = config;
  const time: Dim = mode === 'decode' ? 1 : 'time';
  const shapes = {
    ...parameterShapes(config),
    ...(lora === undefined ? {} : adapterShapes(config, lora)),
  };
  const projection = lora === undefined ? undefined : loraProjection(config, lora);
  const adapters = (layer: number, targets: readonly LoraTarget[]): readonly string[] =>
    targets.flatMap((target) => [
      adapterParameter(layer, target, 'A'),
      adapterParameter(layer, target, 'B'),
    ]);
  const float = (...shape: readonly Dim[]): TensorSpec => ({ dtype: 'float32', shape });
  const int = (...shape: readonly Dim[]): TensorSpec => ({ dtype: 'int32', shape });
  const pick = (names: readonly string[]): Named<readonly number[]> =>
    Object.fromEntries(Object.entries(shapes).filter(([name]) => names.includes(name)));

  const rotaryInputs = {
    cosines: float('batch', time, headDim),
    sines: float('batch', time, headDim),
  };

  /** What the next stage needs: the residual stream, and what block `layer` attends with. */
  const openBlock = <T>(
    ops: TensorOps<T>,
    parameters: Named<T>,
    layer: number,
    hidden: T,
    inputs: Named<T>,
  ): Named<T> => {
    const table = (name: string): T => ops.reshape(need(inputs, name), ['batch', time, 1, headDim]);
    const rotary = { cosines: table('cosines'), sines: table('sines') };
    return {
      hidden,
      ...attentionInputs(ops, config, parameters, layer, hidden, rotary, projection),
    };
  };

  const attendSlots = <T>(ops: TensorOps<T>, inputs: AttentionInputs<T>, mask: T): T => {
    // Heads that share keys and values are rows of one product (see attend).
    if (mode === 'prefill' || heads > keyValueHeads) return attend(ops, config, inputs, mask);
    // A product of one row takes another path in BLAS libraries, with other rounding: the query stands twice.
    const queries = ops.concat([inputs.queries, inputs.queries], 2);
    return ops.slice(attend(ops, config, { ...inputs, queries }, mask), 2, 0, 1);
  };

  const opening = (layer: number): readonly string[] => [
    layerParameter(layer, 'attentionNorm'),
    layerParameter(layer, 'qkv'),
    layerParameter(layer, 'qkvBias'),
    layerParameter(layer, 'queryNorm'),
    layerParameter(layer, 'keyNorm'),
    ...adapters(layer, ['q', 'k', 'v']),
  ];
  const closing = (layer: number): readonly string[] => [
    ...['attentionOutput', 'feedForwardNorm', 'gateUp', 'down'].map((name) =>
      layerParameter(layer, name),
    ),
    ...adapters(layer, ['o', 'gate', 'up', 'down']),
  ];

  const first: TensorProgram = {
    name: `${mode}-embed`,
    parameters: pick(['tokenEmbedding', ...opening(0)]),
    inputs: { tokens: int('batch', time), ...rotaryInputs },
    run: (ops, parameters, inputs) => {
      const hidden = ops.gather(need(parameters, 'tokenEmbedding'), need(inputs, 'tokens'));
      return openBlock(ops, parameters, 0, hidden, inputs);
    },
  };

  const block = (layer: number): TensorProgram => {
    const last = layer === layers - 1;
    const head = ['finalNorm', config.tiedHead ? 'tokenEmbedding' : 'outputHead'];
    const more: Named<TensorSpec> = !last
      ? rotaryInputs
      : mode === 'prefill'
        ? { picks: int('picked') }
        : {};
    return {
      name: `${mode}-block-${layer}`,
      parameters: pick([...closing(layer), ...(last ? head : opening(layer + 1))]),
      inputs: {
        hidden: float('batch', time, width),
        queries: float('batch', heads, time, headDim),
        keys: float('batch', keyValueHeads, 'slots', headDim),
        values: float('batch', keyValueHeads, 'slots', headDim),
        mask: float('batch', 1, time, 'slots'),
        ...more,
      },
      run: (ops, parameters, inputs) => {
        const attention = {
          queries: need(inputs, 'queries'),
          keys: need(inputs, 'keys'),
          values: need(inputs, 'values'),
        };
        const attended = attendSlots(ops, attention, need(inputs, 'mask'));
        const hidden = finishBlock(
          ops,
          config,
          parameters,
          layer,
          need(inputs, 'hidden'),
          attended,
          projection,
        );
        if (!last) return openBlock(ops, parameters, layer + 1, hidden, inputs);
        const rows =
          mode === 'decode'
            ? ops.reshape(hidden, ['batch', width])
            : ops.gather(ops.reshape(hidden, [-1, width]), need(inputs, 'picks'));
        return { logits: outputLogits(ops, config, parameters, rows) };
      },
    };
  };

  return [first, ...Array.from({ length: layers }, (_, layer) => block(layer))];
}
