import { exploreTag } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { parseInput } from '@spark-rl/core';
import { z } from 'zod';

import {
  answerTrees,
  tokensOf,
  type AnsweredTrees,
  type LeafRuleName,
  type TokenCounts,
} from './answer-trees.js';
import { firstRoots, type EpisodeTrees, type SampledEvaluation } from './evaluate-samples.js';
import {
  describeEpisodes,
  firstPathTurns,
  playTasks,
  type Evaluation,
  type EvaluationOptions,
} from './evaluate.js';

const branchingSchema = z
  .strictObject({
    leaves: z.int().min(2),
    roots: z.int().min(1).default(1),
    width: z.int().min(1).default(2),
  })
  .refine(({ roots, leaves }) => roots <= leaves, {
    path: ['roots'],
    error: 'the roots may not be more than the leaves',
  });

/** How trees branch at test time: N leaves, M roots, B children where the agent explores. */
export type TestTimeBranching = z.output<typeof branchingSchema>;

/** Validates the settings of test-time branching and fills in the defaults. */
export const testTimeBranching = (options: z.input<typeof branchingSchema>): TestTimeBranching =>
  parseInput(branchingSchema, options, 'test-time branching');

/** How a policy did with branching at test time, beside one sample of each task. */
export interface BranchingEvaluation {
  readonly settings: TestTimeBranching;
  /** The first path of each tree: what {@link playTasks} gives without branching. */
  readonly single: Evaluation;
  /** What the trees answer. */
  readonly answered: AnsweredTrees;
  /** What as many separate episodes answer as take the same response tokens; absent without such episodes, or where no tokens are told. */
  readonly atEqualTokens?: AnsweredTrees;
  /** Tokens of the first path alone. */
  readonly singleTokens: TokenCounts;
}

/** One measured temperature: a sample of each game, and what was asked for beside it. */
export interface Measured {
  readonly single: Evaluation;
  readonly samples?: SampledEvaluation;
  readonly branching?: BranchingEvaluation;
}

/**
 * How many separate episodes of each task to take, so that all together they cost what the trees cost: `m = tokens of the trees / tokens of
 * one episode`, on average over the tasks, and for each task one of the two whole numbers beside m, which are spread evenly. All tasks share
 * one m: to stop within a task when its tokens are spent would favour short episodes, and those are the successful ones.
 *
 * @returns the number for task i, at index i; at least 1, at most `most`
 */
export function episodesAtEqualTokens(
  treeTokens: number,
  episodeTokens: number,
  tasks: number,
  most: number,
): readonly number[] {
  const mean = Math.min(most, Math.max(1, episodeTokens > 0 ? treeTokens / episodeTokens : 1));
  return Array.from(
    { length: tasks },
    (_, task) => Math.floor((task + 1) * mean) - Math.floor(task * mean),
  );
}

/**
 * Grows a tree for each task that branches where the agent explores, and lets each rule choose one path. A task whose paths were all
 * lost, or where a rule can choose none, counts as no success.
 *
 * @param apart - separate episodes of the same tasks, for the comparison at equal tokens
 */
export async function evaluateBranching(
  options: EvaluationOptions,
  settings: TestTimeBranching,
  rules: readonly LeafRuleName[],
  apart?: { readonly trees: EpisodeTrees; readonly samples: SampledEvaluation },
): Promise<BranchingEvaluation> {
  const { leaves, roots, width } = settings;
  const trees = await playTasks(options, {
    roots,
    budget: leafBudget({ leaves }),
    criterion: exploreTag({ width }),
    concurrency: options.config.rollout.concurrency,
  });
  const answered = answerTrees(trees, rules);
  const evaluation = {
    settings,
    single: describeEpisodes(options, trees),
    answered,
    singleTokens: tokensOf(trees.flatMap(firstPathTurns), trees.length),
  };
  // Servers that speak of texts alone tell no tokens: then nothing is known to cost the same.
  if (apart === undefined || answered.tokens.response === 0) return evaluation;
  const { episodesPerTask, tokens } = apart.samples;
  const counts = episodesAtEqualTokens(
    answered.tokens.response,
    tokens.response,
    trees.length,
    episodesPerTask,
  );
  return {
    ...evaluation,
    atEqualTokens: answerTrees(
      apart.trees.map((tree, task) => firstRoots(tree, counts[task]!)),
      rules,
    ),
  };
}
