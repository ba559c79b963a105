import type { Tree, Turn } from '@spark-rl/core';
import {
  bestOf,
  environmentScore,
  firstPath,
  majorityVote,
  meanLogProbability,
  selectLeaf,
  type LeafRule,
} from '@spark-rl/tree-rollout';

/**
 * How several paths of a task answer with one of them:
 * - `majority`: the last action that most paths ended with, of equal classes the one with the likeliest path. It asks nothing about the
 *   outcome, also not whether an episode was over: household games end early only in success, so leaving out the truncated ones would give it
 *   away. But all successful paths of such a game end in a similar last action (putting the thing where it belongs), while failed ones end
 *   anywhere: the vote partly recognises success by its form, as it would not in a world whose wrong answers agree too;
 * - `likeliest`: best of n by the mean log-probability of the response tokens;
 * - `best-score`: best of n by the environment's score. An oracle: the score is what success is measured by;
 * - `first`: the first path, which is the plain episode.
 */
export const leafRules = {
  majority: majorityVote(),
  likeliest: bestOf({ score: meanLogProbability, id: 'likeliest' }),
  'best-score': bestOf({ score: environmentScore, id: 'best-score' }),
  first: firstPath(),
} as const satisfies Readonly<Record<string, LeafRule>>;

export type LeafRuleName = keyof typeof leafRules;

/** Any path that succeeds, otherwise that with the best score: what a perfect chooser would reach. An oracle. */
const anyPath = bestOf({
  score: (leaf) => (leaf.outcome === 'success' ? Number.MAX_VALUE : leaf.score),
  id: 'any',
});

/** What paths are chosen from: a tree, or a part of one. */
export type TreePart = Pick<Tree, 'turns' | 'leaves'>;

/** How the paths that a rule chose did. */
export interface Answers {
  readonly rule: LeafRuleName | 'any';
  /** Whether the rule looks at what success is measured by: it says what could be reached, not what a deployed agent reaches. */
  readonly isOracle: boolean;
  /** Whether the chosen path of task i succeeded, at index i; a task of which no path can be chosen did not. */
  readonly successes: readonly boolean[];
  /** The world's score at its end; 0 where none can be chosen. */
  readonly scores: readonly number[];
}

/** Mean tokens of a task or an episode: sampled, and of prompts. */
export interface TokenCounts {
  readonly response: number;
  readonly prompt: number;
}

/** What the paths of some tasks answer, by every rule, and what they cost. */
export interface AnsweredTrees {
  readonly answers: readonly Answers[];
  readonly pathsPerTask: number;
  /** Of a task; what paths share is counted once. */
  readonly tokens: TokenCounts;
}

/** Mean tokens of `count` things that took these turns. */
export const tokensOf = (turns: readonly Turn[], count: number): TokenCounts => ({
  response:
    turns.reduce((sum, { generation }) => sum + generation.responseTokens.length, 0) / count,
  prompt: turns.reduce((sum, { generation }) => sum + generation.promptTokens.length, 0) / count,
});

const turnsOf = (trees: readonly TreePart[]): readonly Turn[] =>
  trees.flatMap(({ turns }) => [...turns.values()]);

/** Whether the policy told log-probabilities; a server that speaks of no tokens tells none, and then no path is the likeliest. */
const tellsLogProbs = (trees: readonly TreePart[]): boolean =>
  turnsOf(trees).some(({ generation }) => generation.logProbs.length > 0);

function answersBy(
  trees: readonly TreePart[],
  name: Answers['rule'],
  rule: LeafRule,
  isOracle: boolean,
): Answers {
  const chosen = trees.map((tree) => selectLeaf(tree, rule));
  return {
    rule: name,
    isOracle,
    successes: chosen.map((leaf) => leaf?.outcome === 'success'),
    scores: chosen.map((leaf) => leaf?.score ?? 0),
  };
}

/** Lets each rule choose a path of every task, beside a perfect chooser. */
export const answerTrees = (
  trees: readonly TreePart[],
  rules: readonly LeafRuleName[],
): AnsweredTrees => ({
  answers: [
    ...rules
      .filter((name) => name !== 'likeliest' || tellsLogProbs(trees))
      .map((name) => answersBy(trees, name, leafRules[name], name === 'best-score')),
    answersBy(trees, 'any', anyPath, true),
  ],
  pathsPerTask:
    trees.reduce(
      (sum, { leaves }) => sum + leaves.filter(({ outcome }) => outcome !== 'failed').length,
      0,
    ) / trees.length,
  tokens: tokensOf(turnsOf(trees), trees.length),
});
