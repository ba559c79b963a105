import type { Dim, Named, TensorOps } from '@spark-rl/tensor';

import { layerParameter, type TransformerConfig } from './config.js';
import { need } from './parameters.js';
import { project, type Projection, type ProjectionName } from './projection.js';

/** What is added to the attention score of a position that may not be seen: exp of it is exactly 0 in float32. */
export const MASKED = -1e9;

/**
 * The tensors that one block attends with: queries [batch, heads, time, headDim], scaled by 1/sqrt(headDim); keys and values
 * [batch, keyValueHeads, time, headDim].
 */
export interface AttentionInputs<T> {
  readonly queries: T;
  readonly keys: T;
  readonly values: T;
}

/** x / sqrt(mean(x^2) + epsilon) * gain, over the last axis (Zhang & Sennrich, arXiv 1910.07467). */
function rmsNorm<T>(ops: TensorOps<T>, x: T, gain: T, epsilon: number): T {
  const meanSquare = ops.mean(ops.mul(x, x), [-1], true);
  return ops.mul(ops.div(x, ops.sqrt(ops.add(meanSquare, ops.constant(epsilon)))), gain);
}

/** Turns `x` [.., headDim] by tables that broadcast with it. */
function rotate<T>(ops: TensorOps<T>, x: T, headDim: number, cosines: T, sines: T): T {
  const half = headDim / 2;
  const swapped = ops.concat([ops.slice(x, -1, half, headDim), ops.slice(x, -1, 0, half)], -1);
  return ops.add(ops.mul(x, cosines), ops.mul(swapped, sines));
}

/** Queries, keys and values of a block from the residual stream `hidden` [batch, time, width]. */
export function attentionInputs<T>(
  ops: TensorOps<T>,
  config: TransformerConfig,
  parameters: Named<T>,
  layer: number,
  hidden: T,
  rotary: { readonly cosines: T; readonly sines: T },
  projection: Projection = project,
): AttentionInputs<T> {
  const { heads, keyValueHeads, headDim } = config;
  const [batch, time] = ops.shapeOf(hidden) as readonly [Dim, Dim];
  const parameter = (name: string): T => need(parameters, layerParameter(layer, name));
  const normed = rmsNorm(ops, hidden, parameter('attentionNorm'), config.normEpsilon);
  const product = projection(ops, parameters, layer, 'qkv', normed);
  const qkv = ops.reshape(config.qkvBias ? ops.add(product, parameter('qkvBias')) : product, [
    batch,
    time,
    heads + 2 * keyValueHeads,
    headDim,
  ]);
  const part = (x: T, start: number, count: number): T => ops.slice(x, 2, start, start + count);
  const headNorm = (x: T, name: string): T => rmsNorm(ops, x, parameter(name), config.normEpsilon);
  const turning = config.queryKeyNorm
    ? ops.concat(
        [
          headNorm(part(qkv, 0, heads), 'queryNorm'),
          headNorm(part(qkv, heads, keyValueHeads), 'keyNorm'),
        ],
        2,
      )
    : part(qkv, 0, heads + keyValueHeads);
  // Queries and keys turn together: one rotation instead of two.
  const turned = rotate(ops, turning, headDim, rotary.cosines, rotary.sines);
  const byHead = (x: T): T => ops.transpose(x, [0, 2, 1, 3]);
  const queries = ops.mul(part(turned, 0, heads), ops.constant(headDim ** -0.5));
  return {
    queries: byHead(queries),
    keys: byHead(part(turned, heads, keyValueHeads)),
    values: byHead(part(qkv, heads + keyValueHeads, keyValueHeads)),
  };
}

/**
 * softmax(q k^T + mask) v, [batch, heads, queries, headDim]; the mask broadcasts with [batch, heads, queries, keys]. Heads that share
 * keys and values stand side by side, so their queries are rows of one product and nothing is copied.
 */
export function attend<T>(
  ops: TensorOps<T>,
  config: Pick<TransformerConfig, 'heads' | 'keyValueHeads' | 'headDim'>,
  { queries, keys, values }: AttentionInputs<T>,
  mask: T,
): T {
  const { heads, keyValueHeads, headDim } = config;
  if (heads === keyValueHeads) {
    const scores = ops.add(ops.matMul(queries, keys, { transposeB: true }), mask);
    return ops.matMul(ops.softmax(scores), values);
  }
  const [batch] = ops.shapeOf(queries) as readonly [Dim];
  const slots = ops.shapeOf(keys)[2]!;
  const grouped = ops.reshape(queries, [batch, keyValueHeads, -1, headDim]);
  const products = ops.matMul(grouped, keys, { transposeB: true });
  const scores = ops.add(ops.reshape(products, [batch, heads, -1, slots]), mask);
  const shares = ops.reshape(ops.softmax(scores), [batch, keyValueHeads, -1, slots]);
  return ops.reshape(ops.matMul(shares, values), [batch, heads, -1, headDim]);
}

/** The rest of a block after attention: output projection, residual, SwiGLU (Shazeer, arXiv 2002.05202), residual. */
export function finishBlock<T>(
  ops: TensorOps<T>,
  config: TransformerConfig,
  parameters: Named<T>,
  layer: number,
  hidden: T,
  attended: T,
  projection: Projection = project,
): T {
  const { heads, headDim, hiddenWidth } = config;
  const [batch, time] = ops.shapeOf(hidden) as readonly [Dim, Dim];
  const times = (name: ProjectionName, x: T): T => projection(ops, parameters, layer, name, x);
  const merged = ops.reshape(ops.transpose(attended, [0, 2, 1, 3]), [batch, time, heads * headDim]);
  const residual = ops.add(hidden, times('attentionOutput', merged));
  const gain = need(parameters, layerParameter(layer, 'feedForwardNorm'));
  const normed = rmsNorm(ops, residual, gain, config.normEpsilon);
  const gateUp = times('gateUp', normed);
  const gate = ops.slice(gateUp, -1, 0, hiddenWidth);
  const up = ops.slice(gateUp, -1, hiddenWidth, 2 * hiddenWidth);
  const activated = ops.mul(ops.mul(gate, ops.sigmoid(gate)), up);
  return ops.add(residual, times('down', activated));
}

/** Next-token logits [n, vocabularySize] of `rows` [n, width] of the residual stream. */
export function outputLogits<T>(
  ops: TensorOps<T>,
  config: TransformerConfig,
  parameters: Named<T>,
  rows: T,
): T {
  const normed = rmsNorm(ops, rows, need(parameters, 'finalNorm'), config.normEpsilon);
  const head = need(parameters, config.tiedHead ? 'tokenEmbedding' : 'outputHead');
  return ops.matMul(normed, head, { transposeB: true });
}
