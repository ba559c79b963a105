import { z } from 'zod';

import type { AdamWOptions, ParameterGroup } from '../engine.js';
import type { TensorOps } from '../ops.js';
import type { Named } from '../program.js';
import { clipByGlobalNorm } from './gradient-clipping.js';
import { groupsByParameter } from './parameter-groups.js';

/** The defaults of {@link AdamWOptions}. */
export const defaultAdamW: AdamWOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
};

const fraction = z.number().min(0).lt(1);

/** {@link AdamWOptions} at a border; what is left out takes its default. */
export const adamWOptionsSchema = z.strictObject({
  beta1: fraction.default(defaultAdamW.beta1),
  beta2: fraction.default(defaultAdamW.beta2),
  epsilon: z.number().positive().default(defaultAdamW.epsilon),
  weightDecay: z.number().min(0).default(defaultAdamW.weightDecay),
  maxGradientNorm: z
    .custom<number>((value) => typeof value === 'number' && value > 0, {
      error: 'expected a positive number, or Infinity for no clipping',
    })
    .default(defaultAdamW.maxGradientNorm),
  groups: z
    .array(
      z.strictObject({
        parameters: z.array(z.string().min(1)).min(1),
        rateScale: z.number().min(0).optional(),
        weightDecay: z.number().min(0).optional(),
      }),
    )
    .optional(),
});

/** One parameter, its gradient and its moments. */
export interface AdamWState<T> {
  readonly parameter: T;
  readonly gradient: T;
  readonly firstMoment: T;
  readonly secondMoment: T;
}

/** The scalars of one update, as tensors of shape []. */
export interface AdamWScalars<T> {
  readonly learningRate: T;
  /** 1 - beta1^step, see {@link biasCorrections}. */
  readonly firstCorrection: T;
  /** 1 - beta2^step. */
  readonly secondCorrection: T;
}

/** The numbers that undo the moments' start at zero: 1 - beta^step, for the step being made, counted from 1. */
export function biasCorrections(
  options: Pick<AdamWOptions, 'beta1' | 'beta2'>,
  step: number,
): { readonly firstCorrection: number; readonly secondCorrection: number } {
  return {
    firstCorrection: 1 - options.beta1 ** step,
    secondCorrection: 1 - options.beta2 ** step,
  };
}

/**
 * One AdamW update of one parameter (Loshchilov & Hutter, arXiv 1711.05101, algorithm 2):
 *
 *     m' = b1 m + (1 - b1) g        v' = b2 v + (1 - b2) g^2
 *     p' = p - lr ( (m' / c1) / (sqrt(v' / c2) + epsilon) + decay p )
 *
 * The decay applies only to parameters of rank 2 and more, but where the parameter's group has a decay of its own. The group's `rateScale`
 * multiplies lr.
 */
export function adamWUpdate<T>(
  ops: TensorOps<T>,
  options: AdamWOptions,
  state: AdamWState<T>,
  scalars: AdamWScalars<T>,
  group?: ParameterGroup,
): Omit<AdamWState<T>, 'gradient'> {
  const { parameter, gradient } = state;
  const scale = (x: T, factor: number): T => ops.mul(x, ops.constant(factor));
  const blend = (old: T, fresh: T, beta: number): T =>
    ops.add(scale(old, beta), scale(fresh, 1 - beta));
  const firstMoment = blend(state.firstMoment, gradient, options.beta1);
  const secondMoment = blend(state.secondMoment, ops.mul(gradient, gradient), options.beta2);
  const deviation = ops.sqrt(ops.div(secondMoment, scalars.secondCorrection));
  const direction = ops.div(firstMoment, ops.add(deviation, ops.constant(options.epsilon)));
  const { rateScale = 1, weightDecay } = group ?? {};
  const learningRate =
    rateScale === 1 ? scalars.learningRate : scale(scalars.learningRate, rateScale);
  const rate = ops.div(learningRate, scalars.firstCorrection);
  const decay = weightDecay ?? (ops.shapeOf(parameter).length >= 2 ? options.weightDecay : 0);
  const decayed =
    decay > 0
      ? ops.mul(parameter, ops.sub(ops.constant(1), scale(learningRate, decay)))
      : parameter;
  return { parameter: ops.sub(decayed, ops.mul(direction, rate)), firstMoment, secondMoment };
}

/** All parameters of a model, with their gradients and moments, by name. */
export interface OptimizerState<T> {
  readonly parameters: Named<T>;
  readonly gradients: Named<T>;
  readonly firstMoments: Named<T>;
  readonly secondMoments: Named<T>;
}

/**
 * A whole optimiser step: clips the gradients by their global norm, then updates every parameter by AdamW. Where `gradientNorm` comes
 * out as not finite the caller keeps the old state.
 *
 * @throws InvalidInputError when a group names no parameter
 */
export function clippedAdamWStep<T>(
  ops: TensorOps<T>,
  options: AdamWOptions,
  state: OptimizerState<T>,
  scalars: AdamWScalars<T>,
): Omit<OptimizerState<T>, 'gradients'> & { readonly gradientNorm: T } {
  const { gradients, norm } = clipByGlobalNorm(ops, state.gradients, options.maxGradientNorm);
  const parameters: Record<string, T> = {};
  const firstMoments: Record<string, T> = {};
  const secondMoments: Record<string, T> = {};
  const groups = groupsByParameter(options.groups ?? [], Object.keys(gradients));
  for (const [name, gradient] of Object.entries(gradients)) {
    const updated = adamWUpdate(
      ops,
      options,
      {
        parameter: state.parameters[name]!,
        gradient,
        firstMoment: state.firstMoments[name]!,
        secondMoment: state.secondMoments[name]!,
      },
      scalars,
      groups.get(name),
    );
    parameters[name] = updated.parameter;
    firstMoments[name] = updated.firstMoment;
    secondMoments[name] = updated.secondMoment;
  }
  return { parameters, firstMoments, secondMoments, gradientNorm: norm };
}
