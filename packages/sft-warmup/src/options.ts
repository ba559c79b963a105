import { adamWOptionsSchema } from '@spark-rl/tensor';
import { z } from 'zod';

/** The schema of {@link SftOptions}. */
export const sftOptionsSchema = z.strictObject({
  learningRate: z.number().min(0).default(1e-5),
  warmupShare: z.number().min(0).max(0.9).default(0.1),
  finalRateShare: z.number().min(0).max(1).default(0),
  epochs: z.int().min(1).default(3),
  tokens: z.int().min(1).optional(),
  batchRows: z.int().min(1).default(32),
  tokenBudget: z.int().min(1).default(8192),
  optimizer: adamWOptionsSchema.prefault({ beta2: 0.95 }),
});

/** The settings of a supervised trainer; every one has a default. */
export type SftOptions = z.input<typeof sftOptionsSchema>;
