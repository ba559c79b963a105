import { randomSource } from '@spark-rl/core';
import type { HostTensor, LossProgram, Named, TensorOps, TensorSpec } from '@spark-rl/tensor';

/** A small decoder-only transformer over TensorOps, with a next-token loss: what engines are tried on. */
export interface DecoderSize {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly context: number;
}

export function decoderParameters(size: DecoderSize): Record<string, readonly number[]> {
  const { width: d, vocabulary, context, layers } = size;
  const shapes: Record<string, readonly number[]> = { wte: [vocabulary, d], wpe: [context, d] };
  for (let layer = 0; layer < layers; layer++) {
    shapes[`norm1.${layer}`] = [d];
    shapes[`qkv.${layer}`] = [d, 3 * d];
    shapes[`out.${layer}`] = [d, d];
    shapes[`norm2.${layer}`] = [d];
    shapes[`up.${layer}`] = [d, 4 * d];
    shapes[`down.${layer}`] = [4 * d, d];
  }
  return { ...shapes, norm: [d] };
}

export function decoderWeights(size: DecoderSize): Record<string, HostTensor> {
  const source = randomSource(['decoder', size.width]);
  return Object.fromEntries(
    Object.entries(decoderParameters(size)).map(([name, shape]) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const value = (): number => (shape.length === 1 ? 1 : 0.02 * source.normal());
      return [name, { dtype: 'float32', shape, data: Float32Array.from({ length: count }, value) }];
    }),
  );
}

function rmsNorm<T>(ops: TensorOps<T>, x: T, weight: T): T {
  const square = ops.mean(ops.mul(x, x), [-1], true);
  return ops.mul(ops.div(x, ops.sqrt(ops.add(square, ops.constant(1e-5)))), weight);
}

/** Hidden states [batch, time, width] after the last norm. */
export function decode<T>(ops: TensorOps<T>, size: DecoderSize, p: Named<T>, x: Named<T>): T {
  const { width: d, heads } = size;
  const scale = ops.constant((d / heads) ** -0.5);
  const causal = ops.lessEqual(
    ops.reshape(x['positions']!, [1, 'time']),
    ops.reshape(x['positions']!, ['time', 1]),
  );
  const mask = ops.where(causal, ops.constant(0), ops.constant(-1e9));
  let h = ops.add(ops.gather(p['wte']!, x['tokens']!), ops.gather(p['wpe']!, x['positions']!));
  for (let layer = 0; layer < size.layers; layer++) {
    const qkv = ops.matMul(rmsNorm(ops, h, p[`norm1.${layer}`]!), p[`qkv.${layer}`]!);
    const [q, k, v] = [0, 1, 2].map((part) => {
      const slice = ops.slice(qkv, 2, part * d, (part + 1) * d);
      return ops.transpose(ops.reshape(slice, ['batch', 'time', heads, d / heads]), [0, 2, 1, 3]);
    }) as [T, T, T];
    const scores = ops.mul(ops.matMul(q, k, { transposeB: true }), scale);
    const attention = ops.softmax(ops.add(scores, mask));
    const mixed = ops.transpose(ops.matMul(attention, v), [0, 2, 1, 3]);
    h = ops.add(h, ops.matMul(ops.reshape(mixed, ['batch', 'time', d]), p[`out.${layer}`]!));
    const up = ops.matMul(rmsNorm(ops, h, p[`norm2.${layer}`]!), p[`up.${layer}`]!);
    h = ops.add(h, ops.matMul(ops.mul(up, ops.sigmoid(up)), p[`down.${layer}`]!));
  }
  return rmsNorm(ops, h, p['norm']!);
}

export const decoderInputs: Named<TensorSpec> = {
  tokens: { dtype: 'int32', shape: ['batch', 'time'] },
  positions: { dtype: 'int32', shape: ['time'] },
  targets: { dtype: 'int32', shape: ['batch', 'time'] },
  scale: { dtype: 'float32', shape: [] },
};

/** The sum of next-token cross-entropies times `scale`. */
export function decoderLoss(size: DecoderSize): LossProgram {
  return {
    name: 'decoder',
    parameters: decoderParameters(size),
    inputs: decoderInputs,
    run: (ops, p, x) => {
      const hidden = decode(ops, size, p, x);
      const logits = ops.matMul(hidden, p['wte']!, { transposeB: true });
      const chosen = ops.mul(ops.logSoftmax(logits), ops.oneHot(x['targets']!, size.vocabulary));
      const total = ops.sum(chosen, [0, 1, 2]);
      return {
        loss: ops.neg(ops.mul(total, x['scale']!)),
        metrics: { tokens: ops.sum(ops.toFloat(x['targets']!), [0, 1]) },
      };
    },
  };
}

export function decoderBatch(
  size: DecoderSize,
  batch: number,
  time: number,
  seed = 7,
): Record<string, HostTensor> {
  const source = randomSource(['tokens', seed]);
  const tokens = new Int32Array(batch * time);
  const targets = new Int32Array(batch * time);
  for (let row = 0; row < batch; row++) {
    let token = source.integer(size.vocabulary);
    for (let t = 0; t < time; t++) {
      tokens[row * time + t] = token;
      token =
        source.uniform() < 0.8
          ? (token * 7 + 3) % size.vocabulary
          : source.integer(size.vocabulary);
      targets[row * time + t] = token;
    }
  }
  return {
    tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
    positions: {
      dtype: 'int32',
      shape: [time],
      data: Int32Array.from({ length: time }, (_, i) => i),
    },
    targets: { dtype: 'int32', shape: [batch, time], data: targets },
    scale: { dtype: 'float32', shape: [], data: Float32Array.of(1 / (batch * time)) },
  };
}
