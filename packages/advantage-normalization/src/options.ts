import type { Leaf } from '@spark-rl/core';
import { z } from 'zod';

/** Options that every estimator has. */
export const normalisationShape = {
  std: z.boolean().default(true),
  ddof: z.union([z.literal(0), z.literal(1)]).default(1),
  epsilon: z.number().min(0).default(1e-6),
};

export const rewardOption = z.custom<(leaf: Leaf) => number>(
  (value) => typeof value === 'function',
  'give a function from a leaf to a number',
);

export const weightsOption = z.enum(['mean', 'reach', 'sum']);

export const penaltyOption = z.number().min(0);
