import { never } from '@spark-rl/branching-criteria';
import { leafBudget } from '@spark-rl/budget';
import { parseInput, type Leaf, type Tree } from '@spark-rl/core';
import { z } from 'zod';

import { passAtK } from '../statistics/pass-at-k.js';
import {
  answerTrees,
  tokensOf,
  type AnsweredTrees,
  type LeafRuleName,
  type TokenCounts,
  type TreePart,
} from './answer-trees.js';
import {
  describeEpisodes,
  playTasks,
  type Evaluation,
  type EvaluationOptions,
} from './evaluate.js';

const samplingSchema = z
  .strictObject({
    episodes: z.int().min(2, 'give at least 2: one episode is what is measured anyway'),
    passAt: z.array(z.int().min(1)).readonly(),
  })
  .refine(({ episodes, passAt }) => passAt.every((k) => k <= episodes), {
    path: ['passAt'],
    error: 'pass@k needs at least k episodes of each game',
  });

/** How often each task is played apart, and for which k pass@k is estimated. */
export type Sampling = z.output<typeof samplingSchema>;

/** 1, 2, 4, ... and n itself. */
const powersUpTo = (n: number): readonly number[] => [
  ...Array.from({ length: Math.ceil(Math.log2(n)) }, (_, power) => 2 ** power),
  n,
];

/**
 * Validates how often tasks are played, and fills in what was left out: as many episodes as the largest k needs, or k of 1, 2, 4, ... up to
 * the episodes. Undefined where one episode is enough.
 */
export function samplingOf(options: {
  readonly episodes?: number | undefined;
  readonly passAt?: readonly number[] | undefined;
}): Sampling | undefined {
  const episodes = options.episodes ?? Math.max(1, ...(options.passAt ?? []));
  if (episodes === 1 && (options.passAt ?? []).every((k) => k === 1)) return undefined;
  const passAt = [...new Set(options.passAt ?? powersUpTo(episodes))].sort((a, b) => a - b);
  return parseInput(
    samplingSchema,
    { episodes, passAt },
    'episodes of each game',
    'Play more of them with --samples, or ask for a smaller k with --pass-at.',
  );
}

/** How a policy did in several separate episodes of each task. */
export interface SampledEvaluation {
  readonly episodesPerTask: number;
  /** Whether episode j of task i succeeded, at [i][j]; a lost one did not. */
  readonly successes: readonly (readonly boolean[])[];
  readonly scores: readonly (readonly number[])[];
  /** The unbiased estimate of pass@k of every task, for each k. */
  readonly passAt: readonly { readonly k: number; readonly ofTasks: readonly number[] }[];
  /** Of an episode. */
  readonly tokens: TokenCounts;
  /** Self-consistency and best of n over all of them. */
  readonly answered: AnsweredTrees;
}

/** The episodes as they were played: a tree for each task, one root an episode. */
export type EpisodeTrees = readonly Tree[];

/** A part of a tree: its first roots, with all that grew from them. */
export function firstRoots({ turns, leaves }: TreePart, count: number): TreePart {
  const isAmong = (id: string): boolean => Number(id.split('.', 1)[0]) < count;
  return {
    turns: new Map([...turns].filter(([id]) => isAmong(id))),
    leaves: leaves.filter(({ id }) => isAmong(id)),
  };
}

/** The ends of the first `count` roots in order; undefined for one that left none. */
const endsOf = ({ leaves }: TreePart, count: number): readonly (Leaf | undefined)[] =>
  Array.from({ length: count }, (_, root) =>
    leaves.find(({ id }) => Number(id.split('.', 1)[0]) === root),
  );

/** Plays every task several times. The first episode of each is the one that {@link evaluatePolicy} plays. */
export async function evaluateSamples(
  options: EvaluationOptions,
  { episodes, passAt }: Sampling,
  rules: readonly LeafRuleName[],
): Promise<{
  readonly single: Evaluation;
  readonly samples: SampledEvaluation;
  readonly trees: EpisodeTrees;
}> {
  const trees = await playTasks(options, {
    roots: episodes,
    budget: leafBudget({ leaves: episodes }),
    criterion: never(),
    concurrency: options.config.rollout.concurrency,
  });
  const ends = trees.map((tree) => endsOf(tree, episodes));
  const successes = ends.map((leaves) => leaves.map((leaf) => leaf?.outcome === 'success'));
  const turns = trees.flatMap((tree) => [...tree.turns.values()]);
  return {
    single: describeEpisodes(options, trees),
    samples: {
      episodesPerTask: episodes,
      successes,
      scores: ends.map((leaves) =>
        leaves.map((leaf) => (leaf === undefined || leaf.outcome === 'failed' ? 0 : leaf.score)),
      ),
      passAt: passAt.map((k) => ({
        k,
        ofTasks: successes.map((each) => passAtK(episodes, each.filter(Boolean).length, k)),
      })),
      tokens: tokensOf(turns, trees.length * episodes),
      answered: answerTrees(trees, rules),
    },
    trees,
  };
}
