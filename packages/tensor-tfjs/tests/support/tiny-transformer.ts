import type { HostTensor, LossProgram, Named, TensorOps } from '@spark-rl/tensor';
import { randomSource } from '@spark-rl/core';

import { float, int, sizeOf } from './tensors.js';

const VOCABULARY = 7;
const WIDTH = 8;
const HEADS = 2;
const HIDDEN = 6;

const shapes = {
  embedding: [VOCABULARY, WIDTH],
  positions: [40, WIDTH],
  attentionNorm: [WIDTH],
  queryKeyValue: [WIDTH, 3 * WIDTH],
  projection: [WIDTH, WIDTH],
  feedForwardNorm: [WIDTH],
  gate: [WIDTH, HIDDEN],
  up: [WIDTH, HIDDEN],
  down: [HIDDEN, WIDTH],
  unused: [3],
} satisfies Named<readonly number[]>;

function rmsNorm<T>(ops: TensorOps<T>, x: T, scale: T): T {
  const meanSquare = ops.mean(ops.mul(x, x), [-1], true);
  return ops.mul(ops.div(x, ops.sqrt(ops.add(meanSquare, ops.constant(1e-6)))), scale);
}

function attention<T>(ops: TensorOps<T>, x: T, queryKeyValue: T, mask: T): T {
  const [batch, time] = ops.shapeOf(x) as [number, number];
  const part = (index: number): T => {
    const joined = ops.slice(ops.matMul(x, queryKeyValue), -1, index * WIDTH, (index + 1) * WIDTH);
    return ops.transpose(ops.reshape(joined, [batch, time, HEADS, WIDTH / HEADS]), [0, 2, 1, 3]);
  };
  const scores = ops.mul(
    ops.matMul(part(0), part(1), { transposeB: true }),
    ops.constant((WIDTH / HEADS) ** -0.5),
  );
  const visible = ops.where(ops.less(mask, ops.constant(0.5)), ops.constant(-1e9), scores);
  const mixed = ops.matMul(ops.softmax(visible), part(2));
  return ops.reshape(ops.transpose(mixed, [0, 2, 1, 3]), [batch, time, WIDTH]);
}

/** The logits of a one-block decoder: [batch, time, vocabulary]. Inputs: tokens, order and mask as of {@link batch}. */
export function logits<T>(ops: TensorOps<T>, p: Named<T>, x: Named<T>): T {
  const embedded = ops.gather(p['embedding']!, x['tokens']!);
  let h = ops.add(embedded, ops.gather(p['positions']!, x['order']!));
  const attended = attention(
    ops,
    rmsNorm(ops, h, p['attentionNorm']!),
    p['queryKeyValue']!,
    x['mask']!,
  );
  h = ops.add(h, ops.matMul(attended, p['projection']!));
  const normed = rmsNorm(ops, h, p['feedForwardNorm']!);
  const gate = ops.matMul(normed, p['gate']!);
  const swish = ops.mul(gate, ops.sigmoid(gate));
  h = ops.add(h, ops.matMul(ops.mul(swish, ops.matMul(normed, p['up']!)), p['down']!));
  return ops.matMul(h, p['embedding']!, { transposeB: true });
}

const specs = {
  tokens: { dtype: 'int32', shape: ['batch', 'time'] },
  order: { dtype: 'int32', shape: ['time'] },
  mask: { dtype: 'float32', shape: ['time', 'time'] },
} as const;

/** A clipped policy-gradient loss on the tiny transformer, with a KL penalty. */
export const tinyLoss: LossProgram = {
  name: 'tiny loss',
  parameters: shapes,
  inputs: {
    ...specs,
    targets: { dtype: 'int32', shape: ['batch', 'time'] },
    oldLogProbs: { dtype: 'float32', shape: ['batch', 'time'] },
    advantages: { dtype: 'float32', shape: ['batch', 1] },
  },
  run: (ops, p, x) => {
    const all = ops.logSoftmax(logits(ops, p, x));
    const chosen = ops.sum(ops.mul(all, ops.oneHot(x['targets']!, VOCABULARY)), [-1]);
    const ratio = ops.exp(ops.sub(chosen, x['oldLogProbs']!));
    const clipped = ops.minimum(ops.maximum(ratio, ops.constant(0.8)), ops.constant(1.2));
    const gain = ops.minimum(ops.mul(ratio, x['advantages']!), ops.mul(clipped, x['advantages']!));
    const drift = ops.abs(ops.sub(chosen, x['oldLogProbs']!));
    const peak = ops.mean(ops.max(ops.tanh(all), [-1]), [0, 1]);
    const objective = ops.add(ops.neg(ops.mean(gain, [0, 1])), ops.mean(drift, [0, 1]));
    const outside = ops.toFloat(ops.less(ops.constant(1.2), ops.stopGradient(ratio)));
    return {
      loss: ops.add(objective, ops.mul(peak, ops.constant(0.1))),
      metrics: { clipFraction: ops.mean(outside, [0, 1]), ratio: ops.mean(ratio, [0, 1]) },
    };
  },
};

/** The logits as a program. */
export const tinyLogits = {
  name: 'tiny logits',
  parameters: shapes,
  inputs: specs,
  run: <T>(ops: TensorOps<T>, p: Named<T>, x: Named<T>) => ({ logits: logits(ops, p, x) }),
};

/** Random weights. */
export function tinyWeights(seed: number): Named<HostTensor> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const source = randomSource([seed, name]);
      const values = Array.from({ length: sizeOf(shape) }, () => source.normal() * 0.5);
      return [name, float(shape, values)];
    }),
  );
}

/** Random rows of tokens; the same for every call with the same seed, whatever the number of rows asked before. */
export function tinyBatch(seed: number, batch: number, time: number): Named<HostTensor> {
  const source = randomSource([seed, 'batch']);
  const tokens = Array.from({ length: batch * time }, () => source.integer(VOCABULARY));
  const causal = Array.from({ length: time * time }, (_, i) =>
    i % time <= Math.floor(i / time) ? 1 : 0,
  );
  return {
    tokens: int([batch, time], tokens),
    order: int([time], [...Array(time).keys()]),
    mask: float([time, time], causal),
  };
}

/** {@link tinyBatch} with all that the loss needs. */
export function tinyExperience(seed: number, batch: number, time: number): Named<HostTensor> {
  const source = randomSource([seed, 'experience']);
  const many = (draw: () => number): number[] => Array.from({ length: batch * time }, draw);
  return {
    ...tinyBatch(seed, batch, time),
    targets: int(
      [batch, time],
      many(() => source.integer(VOCABULARY)),
    ),
    oldLogProbs: float(
      [batch, time],
      many(() => -3 * source.uniform()),
    ),
    advantages: float(
      [batch, 1],
      Array.from({ length: batch }, () => source.normal()),
    ),
  };
}
