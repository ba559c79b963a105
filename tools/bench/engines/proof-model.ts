import { randomSource } from '@spark-rl/core';
import type { HostTensor, LossProgram, Named, TensorOps } from '@spark-rl/tensor';

/** The sizes at which all engines and peers are compared. */
export const proofSize = {
  width: 128,
  layers: 2,
  heads: 4,
  vocabulary: 512,
  time: 256,
  batch: 16,
} as const;

const { width, layers, heads, vocabulary, time, batch } = proofSize;
const headDim = width / heads;

/** Learned positions, RMSNorm, one hidden layer of four times the width with SiLU, the head tied to the embedding. */
function shapes(): Record<string, readonly number[]> {
  const found: Record<string, readonly number[]> = { wte: [vocabulary, width], wpe: [time, width] };
  for (let layer = 0; layer < layers; layer++) {
    found[`norm1.${layer}`] = [width];
    found[`qkv.${layer}`] = [width, 3 * width];
    found[`out.${layer}`] = [width, width];
    found[`norm2.${layer}`] = [width];
    found[`up.${layer}`] = [width, 4 * width];
    found[`down.${layer}`] = [4 * width, width];
  }
  return { ...found, norm: [width] };
}

/** Where every engine and every peer starts. */
export function proofWeights(): Record<string, HostTensor> {
  const random = randomSource(['engines bench']);
  return Object.fromEntries(
    Object.entries(shapes()).map(([name, shape]) => {
      const count = shape.reduce((product, dim) => product * dim, 1);
      const value = (): number => (shape.length === 1 ? 1 : 0.02 * random.normal());
      return [name, { dtype: 'float32', shape, data: Float32Array.from({ length: count }, value) }];
    }),
  );
}

/** Rows in which a token mostly follows from the one before it: 7 c + 3 modulo the vocabulary, at random in one of five places. */
export function proofBatch(): { readonly tokens: Int32Array; readonly targets: Int32Array } {
  const random = randomSource(['engines bench', 'rows']);
  const tokens = new Int32Array(batch * time);
  const targets = new Int32Array(batch * time);
  for (let row = 0; row < batch; row++) {
    let token = random.integer(vocabulary);
    for (let at = row * time; at < (row + 1) * time; at++) {
      tokens[at] = token;
      token = random.uniform() < 0.8 ? (token * 7 + 3) % vocabulary : random.integer(vocabulary);
      targets[at] = token;
    }
  }
  return { tokens, targets };
}

/** The inputs of {@link proofLoss}. */
export function proofInputs(): Named<HostTensor> {
  const { tokens, targets } = proofBatch();
  const mask = new Float32Array(time * time);
  for (let row = 0; row < time; row++) mask.fill(-1e9, row * time + row + 1, (row + 1) * time);
  return {
    tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
    positions: {
      dtype: 'int32',
      shape: [time],
      data: Int32Array.from({ length: time }, (_, i) => i),
    },
    mask: { dtype: 'float32', shape: [time, time], data: mask },
    targets: { dtype: 'int32', shape: [batch, time], data: targets },
  };
}

function rmsNorm<T>(ops: TensorOps<T>, x: T, gain: T): T {
  const meanSquare = ops.mean(ops.mul(x, x), [-1], true);
  return ops.mul(ops.div(x, ops.sqrt(ops.add(meanSquare, ops.constant(1e-5)))), gain);
}

function attention<T>(ops: TensorOps<T>, qkv: T, mask: T): T {
  const split = ops.transpose(
    ops.reshape(qkv, ['batch', 'time', 3 * heads, headDim]),
    [0, 2, 1, 3],
  );
  const [q, k, v] = [0, 1, 2].map((part) =>
    ops.slice(split, 1, part * heads, (part + 1) * heads),
  ) as [T, T, T];
  const scaled = ops.mul(q, ops.constant(headDim ** -0.5));
  const weights = ops.softmax(ops.add(ops.matMul(scaled, k, { transposeB: true }), mask));
  return ops.reshape(ops.transpose(ops.matMul(weights, v), [0, 2, 1, 3]), ['batch', 'time', width]);
}

/** Mean cross-entropy of the next token: the work of a training step, with batch and time left open. */
export const proofLoss: LossProgram = {
  name: 'proof',
  parameters: shapes(),
  inputs: {
    tokens: { dtype: 'int32', shape: ['batch', 'time'] },
    positions: { dtype: 'int32', shape: ['time'] },
    mask: { dtype: 'float32', shape: ['time', 'time'] },
    targets: { dtype: 'int32', shape: ['batch', 'time'] },
  },
  run: (ops, p, x) => {
    const weight = (name: string) => p[name]!;
    let hidden = ops.add(
      ops.gather(weight('wte'), x['tokens']!),
      ops.gather(weight('wpe'), x['positions']!),
    );
    for (let layer = 0; layer < layers; layer++) {
      const normed = rmsNorm(ops, hidden, weight(`norm1.${layer}`));
      const attended = attention(ops, ops.matMul(normed, weight(`qkv.${layer}`)), x['mask']!);
      hidden = ops.add(hidden, ops.matMul(attended, weight(`out.${layer}`)));
      const up = ops.matMul(rmsNorm(ops, hidden, weight(`norm2.${layer}`)), weight(`up.${layer}`));
      hidden = ops.add(hidden, ops.matMul(ops.mul(up, ops.sigmoid(up)), weight(`down.${layer}`)));
    }
    const logits = ops.matMul(rmsNorm(ops, hidden, weight('norm')), weight('wte'), {
      transposeB: true,
    });
    const chosen = ops.mul(ops.logSoftmax(logits), ops.oneHot(x['targets']!, vocabulary));
    return { loss: ops.neg(ops.mean(ops.sum(chosen, [-1]), [0, 1])), metrics: {} };
  },
};
