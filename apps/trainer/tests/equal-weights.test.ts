/**
 * @jest-environment ../../packages/tensor-onnx/tests/shared-arrays-environment.mjs
 */
import { leafStatistics } from '@spark-rl/advantage-normalization';
import { always } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { treeId, withEnvironment } from '@spark-rl/core';
import { grpoLearner } from '@spark-rl/grpo-optimizer';
import type { Engine, HostTensor, Named } from '@spark-rl/tensor';
import { onnxCpu } from '@spark-rl/tensor-onnx';
import { tfjsWasm } from '@spark-rl/tensor-tfjs';
import {
  decoderTransformer,
  initializeParameters,
  loadTokenizer,
  trainTokenizer,
  transformerPolicy,
} from '@spark-rl/transformer-policy';
import { rolloutTrees } from '@spark-rl/tree-rollout';

import { presetNamed } from '../src/config/presets.js';
import { openWorld } from '../src/worlds/world.js';

jest.setTimeout(60_000);

const opened = openWorld(presetNamed('smoke'));
const words =
  'You are in the middle of a room. You see a cabinet 1. <think> </think> <action> go to ';
const tokenizer = loadTokenizer(trainTokenizer([words.repeat(4)], { vocabularySize: 290 }));
const architecture = {
  contextLength: 768,
  vocabularySize: tokenizer.vocabularySize,
  layers: 2,
  width: 32,
  heads: 2,
};

/** Weights as large as training makes them: distributions with likely and unlikely tokens. */
const weights: Named<HostTensor> = Object.fromEntries(
  Object.entries(initializeParameters(architecture, ['equal weights'])).map(([name, tensor]) => [
    name,
    tensor.dtype === 'float32' && tensor.shape.length > 1
      ? { ...tensor, data: tensor.data.map((value) => 2.5 * value) }
      : tensor,
  ]),
);

describe.each([onnxCpu(), tfjsWasm()])('with equal weights on $id', (provider) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await provider.open();
  });
  afterAll(() => engine.dispose());

  it.each([0.4, 0.7, 1])(
    'the ratio of every token of a rollout is 1 at temperature %d',
    async (temperature) => {
      const parameters = engine.parameters(weights);
      const policy = transformerPolicy({
        engine,
        config: architecture,
        tokenizer,
        parameters,
        version: '0',
      });
      const world = await opened;
      const tasks = await world.tasks('train', 5, 2);
      const trees = await withEnvironment(world.environment, (environment) =>
        rolloutTrees({
          environment,
          policy,
          protocol: world.protocol,
          brief: world.brief,
          budget: leafBudget({ leaves: 4 }),
          criterion: always(),
          roots: 2,
          maxTurns: 4,
          sampling: { temperature, maxTokens: 12 },
          trees: tasks.map((task, i) => ({
            task,
            treeId: treeId(`tree-${i}`),
            seed: ['equal', i],
          })),
        }),
      );
      await policy.close();
      parameters.dispose();
      const estimator = leafStatistics({ weights: 'mean', invalidPenalty: 0.03 });
      const learner = await grpoLearner({
        engine,
        model: decoderTransformer(architecture),
        start: weights,
        temperature,
        // The correction looks at every token, not at the smallest micro-batch alone.
        options: { klCoefficient: 0, importanceCorrection: { level: 'token', mode: 'clip' } },
      });
      const { metrics } = await learner.learn(
        trees.map((tree) => ({ tree, credits: estimator.estimate([tree]) })),
      );
      learner.dispose();
      expect(metrics['tokens']).toBeGreaterThan(200);
      expect(metrics['maxRatioDeviation']).toBeGreaterThan(0);
      expect(metrics['maxRatioDeviation']).toBeLessThan(1e-4);
      expect(metrics['samplerRatioMean']).toBeCloseTo(1, 5);
      expect(metrics['samplerRatioOutside']).toBe(0);
      expect(metrics['ratioDeviation']).toBeLessThan(1e-5);
    },
  );
});
