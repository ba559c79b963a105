import { z } from 'zod';

const share = z.number().min(0).max(1);
const positive = z.int().min(1);

/** The methods that {@link rolloutMethod} knows. */
export const METHODS = [
  'spark',
  'random',
  'chain',
  'fixed-tree',
  'uniform-tree',
  'tree-grpo',
] as const;

/** The criteria that `rollout.criterion` names. */
export const CRITERIA = [
  'explore-tag',
  'fixed-probability',
  'always',
  'never',
  'entropy-change',
  'entropy-change-spark-code',
  'mean-entropy',
  'max-entropy',
  'surprisal',
  'least-confidence',
  'top2-margin',
  'verbalised-doubt',
  'repeated-action',
  'repeated-observation',
  'invalid-response',
  'inadmissible-action',
  'stalled-score',
] as const;

export type CriterionName = (typeof CRITERIA)[number];

/** Responses per state of a fixed tree, multiplied out: its leaves. */
export const leavesOfSchedule = (schedule: readonly number[]): number =>
  schedule.reduce((leaves, width) => leaves * width, 1);

/** How trees grow: N leaves, M roots, B children, and the method that says when and where. */
export const rolloutSchema = z
  .strictObject({
    tasksPerStep: positive.describe('Tasks of one reinforcement step.'),
    method: z
      .enum(METHODS)
      .default('spark')
      .describe(
        'spark: M roots that fork where the criterion asks. random: the same at random. chain: N separate episodes (GRPO). ' +
          'fixed-tree: widths by turn. uniform-tree: every turn forks. tree-grpo: M trees that grow on from random nodes.',
      ),
    leaves: z
      .int()
      .min(2)
      .describe('N: the most leaves of a task; leaves are compared, so at least 2.'),
    roots: positive.describe(
      'M: independent first turns of a task; for tree-grpo its separate trees. Not read by chain and fixed-tree.',
    ),
    width: positive.describe('B: children of a fork. Read by spark, random and uniform-tree.'),
    criterion: z
      .enum(CRITERIA)
      .describe('When spark forks: where the agent explores, or by another criterion.'),
    probability: share.describe('Chance of a fork for random and fixed-probability.'),
    signalShare: share
      .default(0.15)
      .describe(
        'About which share of turns asks for a fork, for criteria that compare a signal with its recent values: mean-entropy, ' +
          'max-entropy, surprisal, least-confidence, top2-margin.',
      ),
    arbiter: z
      .enum(['seeded', 'priority'])
      .default('seeded')
      .describe(
        'Who is served first when a turn asks for more than is left: by lot, or the most urgent.',
      ),
    forkAt: z
      .enum(['next-turn', 'same-turn'])
      .default('next-turn')
      .describe(
        'Whether a fork answers to what the uncertain turn led to, or takes that turn again. Read by spark, random and uniform-tree.',
      ),
    profile: z
      .enum(['spark', 'reference-code'])
      .default('spark')
      .describe(
        'The paper, or what the published code does. Read by spark, random and uniform-tree.',
      ),
    schedule: z
      .array(positive)
      .min(1)
      .default([2, 2, 2])
      .describe('For fixed-tree: responses to each state at turn 0, 1, ...; their product is N.'),
    forksPerPath: positive
      .nullable()
      .default(null)
      .describe('For uniform-tree: the most forks of a path; null for no limit but the budget.'),
    expansionRounds: positive
      .default(1)
      .describe('For tree-grpo: in how many rounds a tree grows on.'),
    temperature: z.number().positive().max(2).describe('Sampling temperature of rollouts.'),
    maxResponseTokens: positive.describe('The most tokens of a response.'),
    concurrency: positive.describe(
      'How many trees grow at once: changes the speed, never the trees.',
    ),
    stepsAhead: z
      .int()
      .min(0)
      .max(1)
      .default(0)
      .describe(
        '0: strictly on-policy. 1: the trees of the next step grow while this one is learned from, with the weights before its update; ' +
          'turns are then one version old, and learning.objective.maxStaleness bounds that.',
      ),
  })
  .refine(({ roots, leaves }) => roots <= leaves, {
    path: ['roots'],
    error: 'the roots M may not be more than the leaves N',
  })
  .refine(({ method, roots, leaves }) => method !== 'tree-grpo' || leaves % roots === 0, {
    path: ['leaves'],
    error: 'for tree-grpo the leaves N must be a multiple of the trees M (roots)',
  })
  .refine(
    ({ method, schedule, leaves }) =>
      method !== 'fixed-tree' || leavesOfSchedule(schedule) === leaves,
    {
      path: ['schedule'],
      error: 'for fixed-tree the product of the schedule must be the leaves N',
    },
  );

export type RolloutConfig = z.output<typeof rolloutSchema>;
