import { adamWOptionsSchema } from '@spark-rl/tensor';
import { z } from 'zod';

/** The most padded tokens that go through the model at once. */
export const batchTokensSchema = z.int().min(1).default(8192);

/** The schema of {@link ValueTrainerOptions}. */
export const valueTrainerOptionsSchema = z.strictObject({
  learningRate: z.number().min(0).default(1e-3),
  warmupShare: z.number().min(0).max(0.9).default(0.1),
  finalRateShare: z.number().min(0).max(1).default(0),
  epochs: z.int().min(1).default(3),
  batchTurns: z.int().min(1).default(64),
  batchTokens: batchTokensSchema,
  heldOutShare: z.number().min(0).max(0.9).default(0.1),
  optimizer: adamWOptionsSchema.prefault({}),
});

/** The settings of a trainer of values; every one has a default. */
export type ValueTrainerOptions = z.input<typeof valueTrainerOptionsSchema>;
