import { z } from 'zod';

import { environmentSchema } from './environment-schema.js';
import { refuseUselessLearning } from './learning-checks.js';
import { modelSchema } from './model-schema.js';
import { rolloutSchema } from './rollout-schema.js';

const share = z.number().min(0).max(1);
const positive = z.int().min(1);

/** How the agent speaks. */
export const agentSchema = z.strictObject({
  grammar: z
    .enum(['spark', 'react', 'rlvmr'])
    .default('spark')
    .describe(
      'The form of responses: <explore> or <think> (SPARK), free reasoning (ReAct, GRPO, GiGPO, ETO), or RLVMR’s four tags.',
    ),
  prompt: z
    .enum(['auto', 'transcript', 'messages'])
    .default('auto')
    .describe(
      'transcript: what was said so far, token by token. messages: one chat message a turn, by the model’s chat template. auto: messages where the model comes with a chat template.',
    ),
  history: z.int().min(0).default(5).describe('messages: how many past turns a prompt repeats.'),
  admissible: z
    .boolean()
    .default(true)
    .describe('messages: whether a prompt lists the actions that can be taken now.'),
});

export type AgentConfig = z.infer<typeof agentSchema>;

/** The supervised warm-up on expert games. */
export const warmupSchema = z.strictObject({
  episodes: positive.describe(
    'How many expert games are made; those that the expert does not win in time are left out.',
  ),
  tokens: z
    .int()
    .min(0)
    .describe(
      'How many tokens, prompts included, the model is trained on; 0 leaves the warm-up out (published models only).',
    ),
  batchRows: positive.describe('Games of one update.'),
  epochs: positive
    .nullable()
    .default(null)
    .describe(
      'Goes through all examples so often, and not until so many tokens: warmup.tokens then only says, for the plan, how many at most.',
    ),
  learningRate: z
    .number()
    .positive()
    .describe('Peak learning rate; it rises in a straight line, and decays along a cosine.'),
  warmupShare: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.05)
    .describe('Share of the updates in which the learning rate rises.'),
  finalLearningRateShare: share
    .default(0.1)
    .describe('What is left of the peak learning rate at the end.'),
});

/** The estimators of `@spark-rl/advantage-normalization`. */
export const ESTIMATOR_NAMES = [
  'grpo',
  'grpo-rows',
  'grpo-unique-node',
  'sibling-local',
  'dr-grpo',
  'max-rl',
  'reinforce',
  'rloo',
  'reinforce++',
  'reinforce++-baseline',
  'gigpo',
  'rlvmr',
  'turn-discounted',
  'tree-grpo',
  'tree-rl',
  'tree-po',
  'spo-edge',
] as const;

const openRecord = z.record(z.string(), z.json()).default({});

/** The GRPO update. */
export const learningSchema = z.strictObject({
  learningRate: z.number().positive().max(1).describe('Of AdamW, at the beginning.'),
  finalLearningRateShare: share.describe(
    'What is left of the learning rate when the token budget is spent; it falls in a straight line.',
  ),
  optimizerStepsPerBatch: positive
    .nullable()
    .describe(
      'Optimiser steps per rollout step; null for one for every learning.objective.copiesPerStep turns (256), each counted once for every path through it.',
    ),
  clip: z.number().positive().describe('The probability ratio is clipped to 1 ± this.'),
  klCoefficient: z.number().min(0).describe('Weight of the k3 KL to the warm-up model.'),
  entropyCoefficient: z.number().min(0).describe('Weight of the entropy bonus.'),
  estimator: z
    .enum(ESTIMATOR_NAMES)
    .default('grpo')
    .describe('What compares the paths of a task and credits their turns; see docs/estimators.md.'),
  estimatorOptions: openRecord.describe(
    'Further options of the estimator by the names of its package, such as {"gamma": 0.9} or {"std": false}.',
  ),
  reward: z
    .enum(['success', 'score'])
    .default('success')
    .describe('What a path earned: 1 or 0, or the score that its world gave.'),
  weights: z
    .enum(['mean', 'reach', 'sum'])
    .describe('How much a turn shared by k leaves counts: 1, its reach, or k.'),
  invalidPenalty: z
    .number()
    .min(0)
    .describe('Taken off the advantage of a turn that breaks the grammar.'),
  unavailablePenalty: z
    .number()
    .min(0)
    .describe('Taken off the advantage of a turn whose action does nothing here.'),
  groupFilter: z
    .enum(['none', 'drop', 'resample'])
    .default('none')
    .describe(
      'What becomes of tasks whose paths all earned the same: trained by KL and penalties alone, dropped, or dropped and made up for by ' +
        'further tasks (DAPO’s dynamic sampling, filter_groups of verl).',
    ),
  maxGenerationBatches: z
    .int()
    .min(2)
    .default(4)
    .describe(
      'For groupFilter resample: the most rounds of tasks in a step, the first included. All their tokens count against the budget.',
    ),
  microBatchTokens: positive.describe('Tokens of one forward and backward pass.'),
  objective: openRecord.describe(
    'Further options of the learner by the names of @spark-rl/grpo-optimizer, such as {"ratio": "sequence"} or {"epochs": 2}.',
  ),
  packing: z
    .enum(['rows', 'tries'])
    .default('rows')
    .describe(
      'Whether paths are trained side by side, or what they begin with alike goes through the model once.',
    ),
});

/** How long reinforcement goes on. */
export const reinforcementSchema = z.strictObject({
  tokens: positive.describe('Stops after the step in which this many tokens have been generated.'),
  maxSteps: positive.describe('Stops after this many steps at the latest.'),
  checkpointEvery: positive.describe('Steps between checkpoints.'),
  keep: positive
    .default(2)
    .describe('How many of the newest checkpoints are kept, beside the best.'),
  taskPool: positive
    .nullable()
    .default(null)
    .describe(
      'Learns from so many different tasks, in a new order each time round; null for all there are.',
    ),
  patience: positive
    .nullable()
    .default(null)
    .describe(
      'Ends after this many measurements in a row that are no better than the best; null for never. Needs evaluation.every.',
    ),
});

/** How success is measured: the same unseen games before and after. */
export const evaluationSchema = z.strictObject({
  episodes: positive.describe('Games of the unseen split, one sampled episode each.'),
  seed: z.int().nonnegative().describe('Chooses the games; never used in training.'),
  every: positive
    .nullable()
    .default(null)
    .describe('Also measures every so many steps of reinforcement, and keeps the best checkpoint.'),
  duringEpisodes: positive
    .default(100)
    .describe('Games of a measurement during reinforcement; others than those before and after.'),
});

/** Everything that decides what a training run does. */
export const trainConfigSchema = z
  .strictObject({
    seed: z.int().min(0).max(1e9).describe('All randomness follows from it.'),
    engine: z
      .string()
      .min(1)
      .describe('What runs the tensor programs; auto picks the best that loads.'),
    environment: environmentSchema,
    agent: agentSchema.prefault({}),
    model: modelSchema,
    warmup: warmupSchema,
    rollout: rolloutSchema,
    learning: learningSchema,
    reinforcement: reinforcementSchema,
    evaluation: evaluationSchema,
  })
  .refine(
    ({ rollout, learning }) => rollout.forkAt === 'next-turn' || learning.weights === 'mean',
    {
      path: ['learning', 'weights'],
      error:
        'with rollout.forkAt same-turn only mean: other weights would depend on the action that a turn itself took',
    },
  )
  .refine(
    ({ rollout: { method, roots, leaves }, learning }) =>
      method !== 'tree-grpo' || roots === leaves || learning.weights !== 'reach',
    {
      path: ['learning', 'weights'],
      error:
        'with rollout.method tree-grpo only mean or sum: where its trees grow on depends on what came after a turn, so no reach is unbiased',
    },
  )
  .refine(
    ({ reinforcement, evaluation }) => reinforcement.patience === null || evaluation.every !== null,
    {
      path: ['evaluation', 'every'],
      error: 'reinforcement.patience counts measurements: say every how many steps one is made',
    },
  )
  .refine(({ model, warmup }) => model.from === 'folder' || warmup.tokens > 0, {
    path: ['warmup', 'tokens'],
    error:
      'a model from scratch knows no words yet: give at least 1, or a published model (model.folder)',
  })
  .superRefine(refuseUselessLearning);

export type TrainConfig = z.infer<typeof trainConfigSchema>;
