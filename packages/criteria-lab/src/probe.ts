import { parseInput, type BranchingCriterion, type Expansion } from '@spark-rl/core';
import { z } from 'zod';

import { basePath } from './base-path.js';

const continuationsSchema = z
  .int()
  .min(16, 'give at least 16: with fewer, the variance of success says little more than luck does');

const probeExpansionOptions = z.strictObject({ continuations: continuationsSchema.default(16) });

/** How many continuations {@link probeExpansion} asks for. */
export type ProbeExpansionOptions = z.input<typeof probeExpansionOptions>;

/**
 * Makes a probe of a tree with one root: when the root path has ended, every turn of it after which the episode went on gets
 * further children, each an independent continuation from the same next state. The path's own continuation is not one of them,
 * so the samples of different turns have nothing in common but the path they start from.
 *
 * Grow it with `roots: 1`, a criterion that never forks ({@link observer}) and a budget of {@link probeLeaves} leaves.
 *
 * @param options.continuations - per turn, at least 16 (the default)
 */
export function probeExpansion(options: ProbeExpansionOptions = {}): Expansion {
  const { continuations } = parseInput(probeExpansionOptions, options, 'options of probeExpansion');
  return {
    id: `probe(${continuations})`,
    rounds: 1,
    choose: ({ tree, expandable }) => {
      const onPath = new Set(basePath(tree).map(({ id }) => id));
      return expandable
        .filter((node) => onPath.has(node))
        .map((node) => ({ node, children: continuations }));
    },
  };
}

const probeLeavesOptions = z.strictObject({
  continuations: continuationsSchema.default(16),
  maxTurns: z.int().min(1),
});

/**
 * The most leaves that a probe can need: `1 + (maxTurns - 1) * continuations`, for the last turn allowed is never followed by
 * another.
 */
export function probeLeaves(options: z.input<typeof probeLeavesOptions>): number {
  const { continuations, maxTurns } = parseInput(
    probeLeavesOptions,
    options,
    'options of probeLeaves',
  );
  return 1 + (maxTurns - 1) * continuations;
}

/**
 * A criterion that never forks, but wants of each response all that the given ones want: what a probe grows with, so that they
 * can be run on its turns afterwards.
 */
export function observer(criteria: readonly BranchingCriterion[]): BranchingCriterion {
  const wants = criteria.flatMap(({ want }) => (want === undefined ? [] : [want]));
  const topLogProbs = Math.max(0, ...wants.map((want) => want.topLogProbs ?? 0));
  const entropies = wants.some((want) => want.entropies === true);
  return {
    // What it wants is part of its name: a recorded probe serves only criteria that want no more.
    id: `observer(${entropies},${topLogProbs})`,
    maxWidth: 1,
    want: { ...(entropies && { entropies }), ...(topLogProbs > 0 && { topLogProbs }) },
    decide: () => ({ width: 1 }),
  };
}
