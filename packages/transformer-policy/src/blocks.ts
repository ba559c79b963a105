import type { Dim, Named, TensorOps } from '@spark-rl/tensor';

import { layerParameter, type TransformerConfig } from './config.js';

/** What is added to the attention score of a position that may not be seen: exp of it is exactly 0 in float32. */
export const MASKED = -1e9;

/** The tensors that one block attends with, each [batch, heads, time, headDim]; queries are scaled by 1/sqrt(headDim). */
export interface AttentionInputs<T> {
  readonly queries: T;
  readonly keys: T;
  readonly values: T;
}

/** The parameter of this name; a program declares all that it reads, so a missing one is a fault of the program. */
export function need<T>(tensors: Named<T>, name: string): T {
  const tensor = tensors[name];
  if (tensor === undefined) throw new RangeError(`tensor ${name} was not given to the program`);
  return tensor;
}

/** x / sqrt(mean(x^2) + epsilon) * gain, over the last axis (Zhang & Sennrich, arXiv 1910.07467). */
function rmsNorm<T>(ops: TensorOps<T>, x: T, gain: T, epsilon: number): T {
  const meanSquare = ops.mean(ops.mul(x, x), [-1], true);
  return ops.mul(ops.div(x, ops.sqrt(ops.add(meanSquare, ops.constant(epsilon)))), gain);
}

/**
 * Cosines and signed sines of the rotary angles, each [contextLength, headDim] in row-major order: position p turns the pair
 * (i, i + headDim/2) by p * base^(-2i/headDim) (Su et al., arXiv 2104.09864, in the rotate-half layout). The sine of the first
 * half carries the minus sign, so that x * cosines + swapHalves(x) * sines is the rotation.
 */
export function rotaryTables(
  config: Pick<TransformerConfig, 'contextLength' | 'width' | 'heads' | 'ropeBase'>,
): {
  readonly cosines: Float32Array;
  readonly sines: Float32Array;
} {
  const headDim = config.width / config.heads;
  const half = headDim / 2;
  const cosines = new Float32Array(config.contextLength * headDim);
  const sines = new Float32Array(config.contextLength * headDim);
  for (let position = 0; position < config.contextLength; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * config.ropeBase ** ((-2 * i) / headDim);
      const at = position * headDim + i;
      cosines[at] = cosines[at + half] = Math.cos(angle);
      sines[at] = -Math.sin(angle);
      sines[at + half] = Math.sin(angle);
    }
  }
  return { cosines, sines };
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
): AttentionInputs<T> {
  const { heads, width } = config;
  const headDim = width / heads;
  const [batch, time] = ops.shapeOf(hidden) as readonly [Dim, Dim];
  const gain = need(parameters, layerParameter(layer, 'attentionNorm'));
  const normed = rmsNorm(ops, hidden, gain, config.normEpsilon);
  const qkv = ops.reshape(ops.matMul(normed, need(parameters, layerParameter(layer, 'qkv'))), [
    batch,
    time,
    3 * heads,
    headDim,
  ]);
  // Queries and keys turn together: one rotation instead of two.
  const turned = rotate(
    ops,
    ops.slice(qkv, 2, 0, 2 * heads),
    headDim,
    rotary.cosines,
    rotary.sines,
  );
  const byHead = (x: T): T => ops.transpose(x, [0, 2, 1, 3]);
  const queries = ops.mul(ops.slice(turned, 2, 0, heads), ops.constant(headDim ** -0.5));
  return {
    queries: byHead(queries),
    keys: byHead(ops.slice(turned, 2, heads, 2 * heads)),
    values: byHead(ops.slice(qkv, 2, 2 * heads, 3 * heads)),
  };
}

/** softmax(q k^T + mask) v; the mask broadcasts with [batch, heads, queries, keys]. */
export function attend<T>(ops: TensorOps<T>, inputs: AttentionInputs<T>, mask: T): T {
  const scores = ops.add(ops.matMul(inputs.queries, inputs.keys, { transposeB: true }), mask);
  return ops.matMul(ops.softmax(scores), inputs.values);
}

/** The rest of a block after attention: output projection, residual, SwiGLU (Shazeer, arXiv 2002.05202), residual. */
export function finishBlock<T>(
  ops: TensorOps<T>,
  config: TransformerConfig,
  parameters: Named<T>,
  layer: number,
  hidden: T,
  attended: T,
): T {
  const { width, hiddenWidth } = config;
  const [batch, time] = ops.shapeOf(hidden) as readonly [Dim, Dim];
  const parameter = (name: string): T => need(parameters, layerParameter(layer, name));
  const merged = ops.reshape(ops.transpose(attended, [0, 2, 1, 3]), [batch, time, width]);
  const residual = ops.add(hidden, ops.matMul(merged, parameter('attentionOutput')));
  const normed = rmsNorm(ops, residual, parameter('feedForwardNorm'), config.normEpsilon);
  const gateUp = ops.matMul(normed, parameter('gateUp'));
  const gate = ops.slice(gateUp, -1, 0, hiddenWidth);
  const up = ops.slice(gateUp, -1, hiddenWidth, 2 * hiddenWidth);
  const activated = ops.mul(ops.mul(gate, ops.sigmoid(gate)), up);
  return ops.add(residual, ops.matMul(activated, parameter('down')));
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
