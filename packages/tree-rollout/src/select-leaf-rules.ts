import { InvalidInputError, parseInput } from '@spark-rl/core';
import { z } from 'zod';

import type { LeafCandidate, LeafRule, PathView } from './select-leaf.js';

const view = z.custom((value) => typeof value === 'function', 'expected a function (leaf, path)');
const bestOfOptions = z.strictObject({ score: view, id: z.string().min(1).optional() });
const majorityOptions = z.strictObject({
  answer: view.optional(),
  id: z.string().min(1).optional(),
});

/**
 * Mean log-probability of the response tokens on a path, in nats: the sum over its turns of `generation.logProbs`, over the
 * number of those tokens. Comparable between paths of unequal lengths, at most 0. Minus infinity for a path without tokens or of
 * a policy that tells no log-probabilities.
 */
export const meanLogProbability: PathView<number> = (_leaf, path) => {
  let sum = 0;
  let tokens = 0;
  for (const { generation } of path) {
    for (const logProb of generation.logProbs) sum += logProb;
    tokens += generation.logProbs.length;
  }
  return tokens === 0 ? -Infinity : sum / tokens;
};

/**
 * The environment's own score at the end of a path. Where that is the success, or tells of it, choosing by it is an oracle: it
 * gives the success of a perfect chooser (pass@N within the tree), not of one that could be deployed.
 */
export const environmentScore: PathView<number> = ({ score }) => score;

/** The candidate with the highest score; of equal ones the first in path order. */
function highest(candidates: readonly LeafCandidate[], score: PathView<number>, rule: string) {
  let best: LeafCandidate | null = null;
  let most = -Infinity;
  for (const candidate of candidates) {
    const value = score(candidate.leaf, candidate.path);
    if (Number.isNaN(value)) {
      throw new InvalidInputError(`rule ${rule}: leaf ${candidate.leaf.id} has no score`, {
        field: 'score',
        value,
        remedy: 'Return a number for every path; -Infinity for one that shall not be chosen.',
      });
    }
    if (best === null || value > most) {
      best = candidate;
      most = value;
    }
  }
  return best;
}

/** The first path in path order: what one sample without branching would have been. */
export const firstPath = (): LeafRule => ({
  id: 'first',
  choose: ([first]) => first ?? null,
});

/**
 * Best-of-n: the path with the highest score, of equal ones the first in path order.
 *
 * @param options.score - such as {@link meanLogProbability}, a reward model of yours, or, as an oracle, {@link environmentScore}
 * @param options.id - names the rule in records, `best-of` by default
 */
export const bestOf = (options: {
  readonly score: PathView<number>;
  readonly id?: string;
}): LeafRule => {
  parseInput(bestOfOptions, options, 'options of bestOf');
  const { score, id = 'best-of' } = options;
  return { id, choose: (candidates) => highest(candidates, score, id) };
};

/** What a path ended with doing: the action of its last turn, or null when that response was invalid. */
export const lastAction: PathView<string | null> = (_leaf, path) => {
  const last = path.at(-1);
  return last?.response.valid === true ? last.action : null;
};

/**
 * Majority vote (self-consistency, arXiv 2203.11171): paths with the same answer form a class, and the largest class wins; its
 * path with the highest mean log-probability is chosen. Of equally large classes the one that has that path wins, then path order.
 * A path without an answer (null) does not vote; when none votes, none is chosen.
 *
 * @param options.answer - what a path answers. By default its last action. For the vote to mean something it must not look at
 *   the outcome
 * @param options.id - names the rule in records, `majority` by default
 */
export const majorityVote = (
  options: { readonly answer?: PathView<string | null>; readonly id?: string } = {},
): LeafRule => {
  parseInput(majorityOptions, options, 'options of majorityVote');
  const { answer = lastAction, id = 'majority' } = options;
  return {
    id,
    choose: (candidates) => {
      const classes = new Map<string, LeafCandidate[]>();
      for (const candidate of candidates) {
        const given = answer(candidate.leaf, candidate.path);
        if (given === null) continue;
        const members = classes.get(given);
        if (members === undefined) classes.set(given, [candidate]);
        else members.push(candidate);
      }
      const most = Math.max(...[...classes.values()].map(({ length }) => length));
      const largest = new Set([...classes.values()].filter(({ length }) => length === most).flat());
      return highest(
        candidates.filter((candidate) => largest.has(candidate)),
        meanLogProbability,
        id,
      );
    },
  };
};
