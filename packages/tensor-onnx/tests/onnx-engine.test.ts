import { describe, expect, it } from '@jest/globals';
import { defaultAdamW, referenceEngine } from '@spark-rl/tensor';

import { onnxCpu } from '../src/index.js';
import { decoderBatch, decoderLoss, decoderWeights } from './decoder-program.js';

const size = { width: 16, layers: 2, heads: 2, vocabulary: 32, context: 8 };

describe('onnx', () => {
  it('runs', async () => {
    const engine = await onnxCpu({ threads: 1 }).open();
    const trainer = await engine.compileTraining(
      decoderLoss(size),
      defaultAdamW,
      decoderWeights(size),
    );
    const report = await trainer.step([decoderBatch(size, 4, 8)], { learningRate: 1e-2 });
    expect(report.loss).toBeCloseTo(3.4812, 3);
    await engine.dispose();
    await referenceEngine().dispose();
  });
});
