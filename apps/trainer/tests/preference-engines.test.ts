/**
 * @jest-environment ../../packages/tensor-onnx/tests/shared-arrays-environment.mjs
 */
import { taskId } from '@spark-rl/core';
import { preferenceTrainer, type PreferencePair } from '@spark-rl/sft-warmup';
import {
  referenceEngine,
  type Engine,
  type LanguageModel,
  type SequenceRow,
} from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { tfjsCpu } from '@spark-rl/tensor-tfjs';

const V = 6;
/** A table of what follows what. */
const model: LanguageModel = {
  parameters: { table: [V, V] },
  vocabularySize: V,
  contextLength: 64,
  inputs: { tokens: { dtype: 'int32', shape: ['batch', 'time'] } },
  prepare: (data, batch, time) => ({ tokens: { dtype: 'int32', shape: [batch, time], data } }),
  logits: (ops, { table }, { tokens }, positions) =>
    ops.gather(table!, ops.gather(ops.reshape(tokens!, [-1]), positions)),
};
const row = (tokens: readonly number[], ...targets: number[]): SequenceRow => ({
  tokens: Int32Array.from(tokens),
  targets: Int32Array.from(targets),
});
const pairs: readonly PreferencePair[] = [
  { task: taskId('a'), chosen: [row([0, 1, 2], 1, 2)], rejected: [row([0, 2], 1)] },
  {
    task: taskId('b'),
    chosen: [row([1, 3], 1), row([2, 4, 5], 2)],
    rejected: [row([3, 3, 3, 1], 3)],
  },
  { task: taskId('c'), chosen: [row([4, 0, 1, 1, 1], 1, 4)], rejected: [row([4, 1], 1)] },
];

async function trained(engine: Engine, tokenBudget: number): Promise<readonly number[]> {
  const trainer = await preferenceTrainer({
    engine,
    model,
    start: {
      table: {
        dtype: 'float32',
        shape: [V, V],
        data: Float32Array.from({ length: V * V }, (_, i) => Math.sin(i)),
      },
    },
    pairs,
    options: {
      beta: 0.5,
      labelSmoothing: 0.1,
      learningRate: 0.05,
      epochs: 5,
      batchPairs: 2,
      tokenBudget,
    },
  });
  const last = await trainer.train();
  const parameters = trainer.parameters();
  const { table } = await parameters.read();
  parameters.dispose();
  trainer.dispose();
  return [last!.loss, last!.margin, ...table!.data];
}

describe('preference training', () => {
  it('gives the same weights on every engine, however the pairs are put into micro-batches', async () => {
    const reference = referenceEngine();
    const expected = await trained(reference, 4096);
    const engines = [reference, await onnxCpu().open(), await tfjsCpu().open()];
    for (const engine of engines) {
      for (const tokenBudget of [16, 4096]) {
        const found = await trained(engine, tokenBudget);
        for (const [i, value] of found.entries()) {
          // Adam divides by the size of a gradient, so where one is nearly 0 rounding moves a weight a little.
          expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-3);
        }
        expect(found[0]).toBeCloseTo(expected[0]!, 4);
      }
    }
    for (const engine of engines) await engine.dispose();
  });
});
