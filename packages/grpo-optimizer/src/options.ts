import { adamWOptionsSchema, learningRateScheduleSchema } from '@spark-rl/tensor';
import { z } from 'zod';

const fraction = z.number().min(0).lt(1);

/** The schema of {@link GrpoOptions}. */
export const grpoOptionsSchema = z.strictObject({
  clipLow: fraction.default(0.2),
  clipHigh: z.number().min(0).default(0.2),
  dualClip: z
    .custom<number>((value) => typeof value === 'number' && value > 1, {
      error: 'expected a number above 1, or Infinity for none',
    })
    .default(3),
  klCoefficient: z.number().min(0).default(0.01),
  entropyCoefficient: z.number().min(0).default(0.001),
  learningRate: z.union([z.number().min(0), learningRateScheduleSchema]).default(1e-6),
  optimizerStepsPerBatch: z.int().min(1).optional(),
  copiesPerStep: z.int().min(1).default(256),
  skipZeroAdvantages: z.boolean().default(false),
  tokenBudget: z.int().min(1).default(8192),
  optimizer: adamWOptionsSchema.prefault({}),
});

/** The settings of a GRPO learner; every one has a default. */
export type GrpoOptions = z.input<typeof grpoOptionsSchema>;
