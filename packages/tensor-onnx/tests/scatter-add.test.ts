import { randomSource } from '@spark-rl/core';
import type { Engine, LossProgram } from '@spark-rl/tensor';
import { defaultAdamW } from '@spark-rl/tensor';

import { onnxCpu } from '../src/index.js';

const ROWS = 60_000;

/** Its gradient in a row of the table is the sum of the weights of the tokens that took the row. */
const weighted: LossProgram = {
  name: 'weighted',
  parameters: { table: [3, 4] },
  inputs: {
    tokens: { dtype: 'int32', shape: ['rows'] },
    weights: { dtype: 'float32', shape: ['rows', 4] },
  },
  run: (ops, p, x) => ({
    loss: ops.sum(ops.mul(x['weights']!, ops.gather(p['table']!, x['tokens']!)), [0, 1]),
    metrics: {},
  }),
};

describe('the gradient of gather', () => {
  let engine: Engine;
  beforeAll(async () => {
    // Many more threads than cores: whoever depends on their order shows it.
    engine = await onnxCpu({ threads: 16 }).open();
  });
  afterAll(() => engine.dispose());

  it('adds rows in one order whatever the threads do, which ScatterND does not', async () => {
    const random = randomSource(['scatter']);
    const inputs = {
      tokens: {
        dtype: 'int32',
        shape: [ROWS],
        data: Int32Array.from({ length: ROWS }, () => random.integer(3)),
      },
      weights: {
        dtype: 'float32',
        shape: [ROWS, 4],
        data: Float32Array.from({ length: 4 * ROWS }, () => random.normal()),
      },
    } as const;
    const trainer = await engine.compileTraining(
      weighted,
      { ...defaultAdamW, maxGradientNorm: Infinity, weightDecay: 0 },
      { table: { dtype: 'float32', shape: [3, 4], data: new Float32Array(12) } },
    );
    const norms = new Set<number>();
    for (let round = 0; round < 12; round++) {
      norms.add((await trainer.step([inputs], { learningRate: 0 })).gradientNorm);
    }
    trainer.dispose();
    const sums = new Float64Array(12);
    inputs.weights.data.forEach((weight, i) => {
      const at = 4 * inputs.tokens.data[i >> 2]! + (i & 3);
      sums[at] = sums[at]! + weight;
    });
    expect([...norms]).toHaveLength(1);
    expect([...norms][0]! / Math.hypot(...sums)).toBeCloseTo(1, 4);
  });
});
