import { InvalidInputError, parseInput } from '@spark-rl/core';

import {
  adamWOptionsSchema,
  adamWUpdate,
  biasCorrections,
  clipByGlobalNorm,
  clippedAdamWStep,
  defaultAdamW,
  float64Ops as ops,
  globalNorm,
  learningRateAt,
  learningRateScheduleSchema,
  type ParameterGroup,
} from '../src/index.js';

const values = (tensor: { data: Float64Array }): number[] => [...tensor.data];

describe('AdamW', () => {
  const scalars = (learningRate: number, step: number) => {
    const { firstCorrection, secondCorrection } = biasCorrections(defaultAdamW, step);
    return {
      learningRate: ops.constant(learningRate),
      firstCorrection: ops.constant(firstCorrection),
      secondCorrection: ops.constant(secondCorrection),
    };
  };

  it('makes two steps as computed by hand', () => {
    // g = 0.5 then -1 from p = 1, lr 0.1, decay 0.1, rank 2. After step 1 m^/sqrt(v^) = 1: p = 1 - 0.1 (1 + 0.1 * 1) = 0.89.
    const options = { ...defaultAdamW, weightDecay: 0.1 };
    let state = {
      parameter: ops.constant([1], [1, 1]),
      firstMoment: ops.constant([0], [1, 1]),
      secondMoment: ops.constant([0], [1, 1]),
    };
    state = adamWUpdate(
      ops,
      options,
      { ...state, gradient: ops.constant([0.5], [1, 1]) },
      scalars(0.1, 1),
    );
    expect(values(state.parameter)[0]).toBeCloseTo(0.89, 7);
    expect(values(state.firstMoment)[0]).toBeCloseTo(0.05, 12);
    expect(values(state.secondMoment)[0]).toBeCloseTo(0.00025, 12);
    state = adamWUpdate(
      ops,
      options,
      { ...state, gradient: ops.constant([-1], [1, 1]) },
      scalars(0.1, 2),
    );
    // m = 0.9 * 0.05 - 0.1 = -0.055, v = 0.999 * 0.00025 + 0.001 = 0.00124975; corrections 0.19 and 0.001999.
    const direction = -0.055 / 0.19 / Math.sqrt(0.00124975 / 0.001999);
    expect(values(state.parameter)[0]).toBeCloseTo(0.89 - 0.1 * (direction + 0.1 * 0.89), 7);
  });

  it('leaves norms and biases undecayed', () => {
    const still = (shape: readonly number[]) =>
      adamWUpdate(
        ops,
        { ...defaultAdamW, weightDecay: 0.5 },
        {
          parameter: ops.constant([2], shape),
          gradient: ops.constant([0], shape),
          firstMoment: ops.constant([0], shape),
          secondMoment: ops.constant([0], shape),
        },
        scalars(0.1, 1),
      ).parameter;
    expect(values(still([1]))).toEqual([2]);
    expect(values(still([1, 1]))[0]).toBeCloseTo(1.9, 12);
  });

  it('gives parameter groups their own rate and decay', () => {
    const names = ['block.0.weight', 'block.0.bias', 'head.weight'];
    const all = <Value>(valueOf: () => Value): Record<string, Value> =>
      Object.fromEntries(names.map((name) => [name, valueOf()]));
    const step = (groups: readonly ParameterGroup[]): number[] => {
      const { parameters } = clippedAdamWStep(
        ops,
        { ...defaultAdamW, weightDecay: 0.5, groups },
        {
          parameters: {
            ...all(() => ops.constant([2], [1, 1])),
            'block.0.bias': ops.constant([2], [1]),
          },
          gradients: {
            ...all(() => ops.constant([0.1], [1, 1])),
            'block.0.bias': ops.constant([0.1]),
          },
          firstMoments: all(() => ops.constant([0], [1, 1])),
          secondMoments: all(() => ops.constant([0], [1, 1])),
        },
        scalars(0.1, 1),
      );
      return names.map((name) => values(parameters[name]!)[0]!);
    };
    // A first step is lr (1 + decay p): 0.1 (1 + 0.5 * 2) for matrices, 0.1 for vectors.
    const expectAll = (found: number[], expected: number[]): void =>
      expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 6));
    expectAll(step([]), [1.8, 1.9, 1.8]);
    expectAll(step([{ parameters: ['block.*'], rateScale: 0.1 }]), [1.98, 1.99, 1.8]);
    expectAll(step([{ parameters: ['*.bias', 'head.*'], weightDecay: 0.25 }]), [1.8, 1.85, 1.85]);
    const overlapping = [
      { parameters: ['head.weight'], rateScale: 0 },
      { parameters: ['*.*e*t'], weightDecay: 0 },
    ];
    expectAll(step(overlapping), [1.9, 1.9, 2]);
    expect(() => step([{ parameters: ['heads.*'] }])).toThrow(
      /no trained parameter is named heads/,
    );
  });

  it('fills in defaults, and names what is wrong', () => {
    expect(parseInput(adamWOptionsSchema, {}, 'AdamW')).toEqual(defaultAdamW);
    expect(
      parseInput(adamWOptionsSchema, { maxGradientNorm: Infinity }, 'AdamW').maxGradientNorm,
    ).toBe(Infinity);
    expect(() => parseInput(adamWOptionsSchema, { beta1: 1 }, 'AdamW')).toThrow(/beta1/);
    expect(() =>
      parseInput(adamWOptionsSchema, { groups: [{ parameters: [], rateScale: 2 }] }, 'AdamW'),
    ).toThrow(/groups.0.parameters/);
    expect(() => parseInput(adamWOptionsSchema, { maxGradientNorm: 0 }, 'AdamW')).toThrow(
      /maxGradientNorm/,
    );
  });
});

describe('clipping by the global norm', () => {
  const gradients = { a: ops.constant([3, 0]), b: ops.constant([[4]].flat(), [1, 1]) };

  it('takes all tensors as one vector', () => {
    expect(values(globalNorm(ops, Object.values(gradients)))).toEqual([5]);
    const { gradients: clipped, norm } = clipByGlobalNorm(ops, gradients, 1);
    expect(values(norm)).toEqual([5]);
    expect(values(clipped['a']!)[0]).toBeCloseTo(0.6, 15);
    expect(values(clipped['b']!)[0]).toBeCloseTo(0.8, 15);
  });

  it('leaves short gradients, zero gradients, and with Infinity all gradients, exactly as they are', () => {
    expect(values(clipByGlobalNorm(ops, gradients, 5).gradients['a']!)).toEqual([3, 0]);
    expect(values(clipByGlobalNorm(ops, { a: ops.constant([0]) }, 1).gradients['a']!)).toEqual([0]);
    expect(clipByGlobalNorm(ops, gradients, Infinity).gradients).toBe(gradients);
  });
});

describe('learning-rate schedules', () => {
  const base = { peakRate: 1, warmupSteps: 4, totalSteps: 12, finalRate: 0.2 };

  it.each([
    ['constant', [0.25, 0.5, 1, 1, 1, 1]],
    ['linear', [0.25, 0.5, 1, 0.6, 0.2, 0.2]],
    ['cosine', [0.25, 0.5, 1, 0.6, 0.2, 0.2]],
  ] as const)('%s warms up in a line, then holds or falls', (kind, expected) => {
    [1, 2, 4, 8, 12, 20].forEach((step, at) => {
      expect(learningRateAt({ kind, ...base }, step)).toBeCloseTo(expected[at]!, 12);
    });
  });

  it('cosine falls slowly at first', () => {
    expect(learningRateAt({ kind: 'cosine', ...base }, 6)).toBeCloseTo(
      0.2 + (0.8 * (1 + Math.SQRT1_2)) / 2,
      12,
    );
  });

  it('is validated', () => {
    expect(parseInput(learningRateScheduleSchema, { peakRate: 1e-3 }, 'schedule')).toEqual({
      kind: 'constant',
      peakRate: 1e-3,
      warmupSteps: 0,
      totalSteps: 0,
      finalRate: 0,
    });
    expect(() =>
      parseInput(
        learningRateScheduleSchema,
        { kind: 'cosine', peakRate: 1, warmupSteps: 9, totalSteps: 9 },
        'schedule',
      ),
    ).toThrow(InvalidInputError);
  });
});
