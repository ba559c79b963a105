import { adamWOptionsSchema, learningRateScheduleSchema } from '@spark-rl/tensor';
import { z } from 'zod';

/** A number above `least`, or Infinity, which zod's own numbers leave out. */
const unbounded = (accepts: (value: number) => boolean, error: string) =>
  z.custom<number>((value) => typeof value === 'number' && accepts(value), { error });

const importanceCorrectionSchema = z
  .strictObject({
    level: z.enum(['token', 'sequence']).default('token'),
    mode: z.enum(['clip', 'mask']).default('clip'),
    low: z.number().min(0).default(0.5),
    high: z.number().positive().default(2),
  })
  .refine(({ low, high }) => low < high, { path: ['low'], error: 'must be below high' });

const fields = z.strictObject({
  objective: z.enum(['ppo', 'cispo', 'reinforce']).default('ppo'),
  ratio: z.enum(['token', 'sequence', 'path']).default('token'),
  clipLow: z.number().min(0).max(1).default(0.2),
  clipHigh: unbounded(
    (value) => value >= 0,
    'expected a number of at least 0, or Infinity for none',
  ).default(0.2),
  dualClip: unbounded(
    (value) => value > 1,
    'expected a number above 1, or Infinity for none',
  ).default(3),
  aggregation: z.enum(['token-mean', 'sequence-mean', 'constant-length']).default('token-mean'),
  constantLength: z.int().min(1).optional(),
  klCoefficient: z.number().min(0).default(0.01),
  klEstimator: z.enum(['k1', 'k2', 'k3', 'absolute']).default('k3'),
  klClamp: unbounded(
    (value) => value > 0,
    'expected a positive number, or Infinity for none',
  ).default(10),
  klIn: z.enum(['loss', 'reward']).default('loss'),
  referenceDecay: z.number().min(0).lt(1).optional(),
  entropyCoefficient: z.number().min(0).default(0.001),
  entropyShare: z.number().positive().max(1).default(1),
  importanceCorrection: importanceCorrectionSchema.optional(),
  maxStaleness: z.int().min(0).optional(),
  sharedTurns: z.enum(['once', 'copies']).default('once'),
  learningRate: z.union([z.number().min(0), learningRateScheduleSchema]).default(1e-6),
  epochs: z.int().min(1).default(1),
  targetKl: z.number().positive().optional(),
  optimizerStepsPerBatch: z.int().min(1).optional(),
  copiesPerStep: z.int().min(1).default(256),
  skipZeroAdvantages: z.boolean().default(false),
  tokenBudget: z.int().min(1).default(8192),
  packing: z.enum(['rows', 'tries']).default('rows'),
  optimizer: adamWOptionsSchema.prefault({}),
});

/** The schema of {@link GrpoOptions}. */
export const grpoOptionsSchema = fields
  .refine(({ ratio, sharedTurns }) => ratio !== 'path' || sharedTurns === 'copies', {
    path: ['sharedTurns'],
    error:
      "with ratio 'path' the copies of a shared turn have different ratios, one for each path through it, so no single evaluation equals them; only 'copies' can train them",
  })
  .refine(({ objective, ratio }) => objective === 'ppo' || ratio === 'token', {
    path: ['ratio'],
    error: "only the objective 'ppo' has a ratio of sequences",
  })
  .refine(
    ({ aggregation, constantLength }) =>
      (aggregation === 'constant-length') === (constantLength !== undefined),
    {
      path: ['constantLength'],
      error: "is needed by the aggregation 'constant-length', and read by no other",
    },
  )
  .refine(({ objective, epochs }) => objective !== 'reinforce' || epochs === 1, {
    path: ['epochs'],
    error:
      "the objective 'reinforce' has no ratio that would correct for weights that have moved: only one epoch is sound; 'ppo' and 'cispo' take more",
  })
  .refine(({ klIn, klCoefficient }) => klIn === 'loss' || klCoefficient > 0, {
    path: ['klIn'],
    error: "'reward' says nothing where klCoefficient is 0: nothing is taken off the reward",
  })
  .refine(
    ({ klCoefficient, referenceDecay }) => referenceDecay === undefined || klCoefficient > 0,
    {
      path: ['referenceDecay'],
      error: 'says nothing where klCoefficient is 0: there is no reference',
    },
  );

/** The settings of a GRPO learner; every one has a default or may be left out. */
export type GrpoOptions = z.input<typeof grpoOptionsSchema>;
