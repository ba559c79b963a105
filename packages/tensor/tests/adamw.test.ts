import { readFileSync } from 'node:fs';

import {
  biasCorrections,
  clippedAdamWStep,
  float64Ops as ops,
  learningRateAt,
  type AdamWOptions,
  type Float64Tensor,
  type Named,
} from '../src/index.js';

interface Recorded {
  readonly start: Named<number[]>;
  readonly steps: readonly {
    readonly gradients: Named<number[]>;
    readonly norm: number;
    readonly learningRate: number;
    readonly parameters: Named<number[]>;
  }[];
}

const { start, steps } = JSON.parse(
  readFileSync(`${__dirname}/data/adamw.json`, 'utf8'),
) as Recorded;

const shapes: Named<readonly number[]> = {
  'block.weight': [3, 2],
  'block.bias': [3],
  'head.weight': [2, 3],
};
const tensors = (values: Named<number[]>): Named<Float64Tensor> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, ops.constant(values[name]!, shape)]),
  );
const zeros = (): Named<Float64Tensor> =>
  tensors(
    Object.fromEntries(Object.entries(start).map(([name, list]) => [name, list.map(() => 0)])),
  );

const options: AdamWOptions = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-6,
  weightDecay: 0.1,
  maxGradientNorm: 1.5,
  groups: [{ parameters: ['head.*'], rateScale: 0.25, weightDecay: 0.3 }],
};
/** PyTorch counts from 0: its first step has the peak rate. */
const schedule = {
  kind: 'cosine',
  peakRate: 0.05,
  warmupSteps: 0,
  totalSteps: steps.length,
  finalRate: 0,
} as const;

it('AdamW with groups, clipping and a cosine schedule makes the steps of PyTorch', () => {
  let state = { parameters: tensors(start), firstMoments: zeros(), secondMoments: zeros() };
  for (const [i, step] of steps.entries()) {
    const { firstCorrection, secondCorrection } = biasCorrections(options, i + 1);
    const learningRate = learningRateAt(schedule, i);
    expect(learningRate).toBeCloseTo(step.learningRate, 12);
    const { gradientNorm, ...next } = clippedAdamWStep(
      ops,
      options,
      { ...state, gradients: tensors(step.gradients) },
      {
        learningRate: ops.constant(learningRate),
        firstCorrection: ops.constant(firstCorrection),
        secondCorrection: ops.constant(secondCorrection),
      },
    );
    // PyTorch divides by the norm + 1e-6 where it clips.
    expect(gradientNorm.data[0]).toBeCloseTo(step.norm, 6);
    for (const [name, expected] of Object.entries(step.parameters)) {
      for (const [at, value] of expected.entries())
        expect(next.parameters[name]!.data[at]).toBeCloseTo(value, 6);
    }
    state = next;
  }
});
