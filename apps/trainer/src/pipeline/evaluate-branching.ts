import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { parseInput, type Turn } from '@spark-rl/core';
import {
  bestOf,
  environmentScore,
  firstPath,
  majorityVote,
  meanLogProbability,
  selectLeaf,
  summarizeTrees,
  type LeafRule,
} from '@spark-rl/tree-rollout';
import { z } from 'zod';

import {
  describeEpisodes,
  firstPathTurns,
  playTasks,
  type Evaluation,
  type EvaluationOptions,
} from './evaluate.js';

/**
 * How a tree answers with one of its paths:
 * - `majority`: the last action that most paths ended with. It asks nothing about the outcome, also not whether an episode was
 *   over: household games end early only in success, so leaving out the truncated ones would give it away. But all successful paths of
 *   such a game end in a similar last action (putting the thing where it belongs), while failed ones end anywhere: the vote partly
 *   recognises success by its form, as it would not in a world whose wrong answers agree too;
 * - `likeliest`: best of n by the mean log-probability of the response tokens;
 * - `best-score`: best of n by the environment's score. An oracle: the score is what success is measured by;
 * - `first`: the first path, which is the plain episode.
 */
export const leafRules: Readonly<
  Record<'majority' | 'likeliest' | 'best-score' | 'first', LeafRule>
> = {
  majority: majorityVote(),
  likeliest: bestOf({ score: meanLogProbability, id: 'likeliest' }),
  'best-score': bestOf({ score: environmentScore, id: 'best-score' }),
  first: firstPath(),
};

export type LeafRuleName = keyof typeof leafRules;

const branchingSchema = z
  .strictObject({
    leaves: z.int().min(2),
    roots: z.int().min(1).default(1),
    width: z.int().min(1).default(2),
    choose: z.enum(Object.keys(leafRules) as LeafRuleName[]).default('majority'),
  })
  .refine(({ roots, leaves }) => roots <= leaves, {
    path: ['roots'],
    error: 'the roots may not be more than the leaves',
  });

/** How trees branch at test time: N leaves, M roots, B children where the agent explores, and who is chosen. */
export type TestTimeBranching = z.output<typeof branchingSchema>;

/** Validates the settings of test-time branching and fills in the defaults. */
export const testTimeBranching = (options: z.input<typeof branchingSchema>): TestTimeBranching =>
  parseInput(branchingSchema, options, 'test-time branching');

/** How a policy did with branching at test time, beside one sample of each task. */
export interface BranchingEvaluation {
  readonly settings: TestTimeBranching;
  /** The first path of each tree: what {@link playTasks} gives without branching. */
  readonly single: Evaluation;
  /** Whether the chosen path of task i succeeded, at index i. */
  readonly successes: readonly boolean[];
  /** Whether any path of task i succeeded: what a perfect chooser would reach. */
  readonly anySuccesses: readonly boolean[];
  readonly leavesPerTask: number;
  /** Mean tokens of a task: sampled, and of prompts. */
  readonly tokens: { readonly response: number; readonly prompt: number };
  /** The same for the first path alone. */
  readonly singleTokens: { readonly response: number; readonly prompt: number };
}

/** One measured temperature: a sample of each game, and what branching adds where it was asked for. */
export interface Measured {
  readonly single: Evaluation;
  readonly branching?: BranchingEvaluation;
}

const tokensOf = (turns: readonly Turn[], tasks: number) => ({
  response:
    turns.reduce((sum, { generation }) => sum + generation.responseTokens.length, 0) / tasks,
  prompt: turns.reduce((sum, { generation }) => sum + generation.promptTokens.length, 0) / tasks,
});

/**
 * Grows a tree for each task that branches where the agent explores, lets a rule choose one path, and counts its successes. A
 * task whose paths were all lost, or where the rule can choose none, counts as no success.
 */
export async function evaluateBranching(
  options: EvaluationOptions,
  settings: TestTimeBranching,
): Promise<BranchingEvaluation> {
  const { leaves, roots, width, choose } = settings;
  const trees = await playTasks(options, {
    roots,
    budget: leafBudget({ leaves }),
    criterion: exploreTag({ width }),
    concurrency: options.config.rollout.concurrency,
  });
  const summary = summarizeTrees(trees);
  return {
    settings,
    single: describeEpisodes(options, trees),
    successes: trees.map((tree) => selectLeaf(tree, leafRules[choose])?.outcome === 'success'),
    anySuccesses: trees.map((tree) => tree.leaves.some(({ outcome }) => outcome === 'success')),
    leavesPerTask: summary.leaves / trees.length,
    tokens: {
      response: summary.uniqueResponseTokens / trees.length,
      prompt: summary.uniquePromptTokens / trees.length,
    },
    singleTokens: tokensOf(trees.flatMap(firstPathTurns), trees.length),
  };
}
