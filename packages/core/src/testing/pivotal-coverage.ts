import { z } from 'zod';

import { parseInput } from '../validation.js';

const pivotalPlan = z.strictObject({
  pivots: z.int().min(1),
  mass: z.number().min(0).max(1),
  roots: z.int().min(1).default(1),
  width: z.int().min(1).default(2),
  leaves: z.union([z.int().min(1), z.literal(Infinity)]).default(Infinity),
});

/** m, q, M, B and N of a rollout in the world of pivotal steps. */
export type PivotalPlan = z.input<typeof pivotalPlan>;

/** Probabilities of having covered the first 1, 2, ..., m pivotal steps. */
export interface PivotalCoverage {
  /** Along one line: the first root's, and at every pivotal step the first child that did the right thing. */
  readonly line: readonly number[];
  /** Along any path of the tree: for all m steps, that at least one leaf succeeds. */
  readonly tree: readonly number[];
}

/** P(X = x) for X ~ Binomial(n, q), x = 0..n. */
function binomial(n: number, q: number): number[] {
  let row = [1];
  for (let i = 0; i < n; i++)
    row = Array.from(
      { length: row.length + 1 },
      (_, x) => (row[x] ?? 0) * (1 - q) + (row[x - 1] ?? 0) * q,
    );
  return row;
}

/** Something that may happen: k paths are alive and f leaves are free. */
interface Situation {
  readonly alive: number;
  readonly free: number;
  readonly probability: number;
}

/** Situations that are alike become one. */
function merged(situations: readonly Situation[]): Situation[] {
  const sums = new Map<string, Situation>();
  for (const { alive, free, probability } of situations) {
    const key = `${alive},${free}`;
    sums.set(key, { alive, free, probability: (sums.get(key)?.probability ?? 0) + probability });
  }
  return [...sums.values()];
}

const total = (situations: readonly Situation[]): number =>
  situations.reduce((sum, { probability }) => sum + probability, 0);

/** One pivotal step of all living paths: k ask for B children each, min(k (B - 1), f) leaves are opened, each child tries. */
function stepOfTree(situation: Situation, width: number, mass: number): Situation[] {
  const { alive, free, probability } = situation;
  const opened = Math.min(alive * (width - 1), free);
  return binomial(alive + opened, mass)
    .map((chance, right) => ({
      alive: right,
      free: free - opened,
      probability: probability * chance,
    }))
    .filter(({ alive: right }) => right > 0);
}

/** The same, as far as the line goes on: its place among the k requests is equally likely to be any. */
function stepOfLine(situation: Situation, width: number, mass: number): Situation[] {
  const { alive, free, probability } = situation;
  const opened = Math.min(alive * (width - 1), free);
  const next: Situation[] = [];
  for (let place = 0; place < alive; place++) {
    const tries = 1 + Math.min(width - 1, Math.max(0, free - place * (width - 1)));
    const others = binomial(alive + opened - tries, mass);
    binomial(tries, mass).forEach((chance, right) => {
      if (right === 0) return;
      others.forEach((otherChance, otherRight) => {
        next.push({
          alive: right + otherRight,
          free: free - opened,
          probability: (probability * chance * otherChance) / alive,
        });
      });
    });
  }
  return next;
}

/** Without a limit every path forks fully, and what follows one child does not depend on the others. */
function unlimited(pivots: number, mass: number, roots: number, width: number): PivotalCoverage {
  const atLeastOne = (chance: number, tries: number): number => 1 - (1 - chance) ** tries;
  const line: number[] = [];
  const tree: number[] = [];
  let reached = 1;
  for (let step = 1; step <= pivots; step++) {
    line.push(atLeastOne(mass, width) ** step);
    reached = atLeastOne(mass * reached, width);
    tree.push(atLeastOne(reached, roots));
  }
  return { line, tree };
}

/**
 * What SPARK's rollout covers in {@link pivotalSteps}, exactly, from the rules alone: M paths reach the first pivotal step; at
 * each one every living path asks for B tries, the requests are granted in random order while leaves are free, and every try
 * is right with probability q.
 *
 * While b_eff = B one line covers a step with 1 - (1 - q)^B, and m steps with its m-th power (paper Eq. 8). The tree covers
 * more, since further right children go on too: s_m = 1 - (1 - q s_{m-1})^B from each root, s_0 = 1. Once N binds both follow
 * from the distribution of (living paths, free leaves), which is walked step by step.
 *
 * @param plan.pivots - m
 * @param plan.mass - q, in [0, 1]
 * @param plan.roots - M, 1 by default; at most N
 * @param plan.width - B, 2 by default; 1 gives M chains
 * @param plan.leaves - N; without limit by default
 * @see https://arxiv.org/abs/2601.20209 section 2.3
 */
export function pivotalCoverage(plan: PivotalPlan): PivotalCoverage {
  const { pivots, mass, roots, width, leaves } = parseInput(
    pivotalPlan.refine(({ roots: m, leaves: n }) => m <= n, 'expected no more roots than leaves'),
    plan,
    'a plan of pivotalCoverage',
  );
  if (leaves === Infinity) return unlimited(pivots, mass, roots, width);
  let trees: Situation[] = [{ alive: roots, free: leaves - roots, probability: 1 }];
  let lines = trees;
  const coverage = { line: [] as number[], tree: [] as number[] };
  for (let step = 0; step < pivots; step++) {
    trees = merged(trees.flatMap((situation) => stepOfTree(situation, width, mass)));
    lines = merged(lines.flatMap((situation) => stepOfLine(situation, width, mass)));
    coverage.tree.push(total(trees));
    coverage.line.push(total(lines));
  }
  return coverage;
}
