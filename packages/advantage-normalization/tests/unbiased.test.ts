import type { AdvantageEstimator } from '@spark-rl/core';

import { leafStatistics, type CopyWeights } from '../src/index.js';
import { tree, type Sketch } from './trees.js';

/**
 * A world small enough to list every tree it can grow: three turns, two responses (explore and think), and a reward for every
 * sequence of responses. M = 2 roots, exploring forks in two while the budget of N = 3 leaves lasts, so the budget binds.
 */
const TURNS = 3;
const N = 3;
const explores = [0.3, 0.6, 0.2];
const reward = (path: string): number =>
  ({ ttt: 1, ett: 0.5, tee: 3, eee: -1 })[path] ?? 0.1 * path.length;

interface Growing {
  readonly probability: number;
  readonly leaves: number;
  /** The responses of each path; paths that share a prefix by a fork name their parent. */
  readonly paths: readonly { readonly responses: string; readonly ids: string }[];
}

/** Every tree with its probability. `ids` gives one digit a turn: the child number, so that shared turns share their prefix. */
function everyTree(): Growing[] {
  let growing: Growing[] = [
    {
      probability: 1,
      leaves: 2,
      paths: [
        { responses: '', ids: '0' },
        { responses: '', ids: '1' },
      ],
    },
  ];
  for (let turn = 0; turn < TURNS; turn++) {
    growing = growing.flatMap((before) =>
      Array.from({ length: 2 ** before.paths.length }, (_, choice) => {
        let { probability, leaves } = before;
        const paths = before.paths.flatMap(({ responses, ids }, i) => {
          const explored = ((choice >> i) & 1) === 1;
          probability *= explored ? explores[turn]! : 1 - explores[turn]!;
          const next = { responses: responses + (explored ? 'e' : 't'), ids: `${ids}0` };
          if (!explored || leaves >= N || turn === TURNS - 1) return [next];
          leaves += 1;
          return [next, { ...next, ids: `${ids}1` }];
        });
        return { probability, leaves, paths };
      }),
    );
  }
  return growing;
}

function sketch(paths: Growing['paths'], depth = 0): Sketch[] {
  const byChild = new Map<string, Growing['paths']>();
  for (const path of paths) {
    const child = path.ids[depth]!;
    byChild.set(child, [...(byChild.get(child) ?? []), path]);
  }
  return [...byChild.values()].map((below) => ({
    next: depth === TURNS - 1 ? 'success' : sketch(below, depth + 1),
    score: reward(below[0]!.responses),
  }));
}

/** d log p(response) / d theta_t of a turn that explores with probability sigmoid(theta_t). */
const score = (response: string, turn: number): number =>
  (response === 'e' ? 1 : 0) - explores[turn]!;

function expectedGradient(estimator: AdvantageEstimator, constant: number): number[] {
  const gradient = [0, 0, 0];
  for (const { probability, paths } of everyTree()) {
    const grown = tree(sketch(paths));
    const rewards = new Map(grown.leaves.map((leaf) => [leaf.id, leaf.score]));
    const responses = new Map<string, string>();
    for (const { responses: said, ids } of paths) {
      for (let t = 0; t < TURNS; t++) responses.set([...ids.slice(0, t + 1)].join('.'), said[t]!);
    }
    for (const { node, copies } of estimator.estimate([grown])) {
      const turn = node.split('.').length - 1;
      for (const { leaf, weight } of copies) {
        const advantage = rewards.get(leaf!)! - constant;
        gradient[turn]! +=
          (probability / 2) * weight * advantage * score(responses.get(node)!, turn);
      }
    }
  }
  return gradient;
}

function policyGradient(): number[] {
  const gradient = [0, 0, 0];
  for (let choice = 0; choice < 2 ** TURNS; choice++) {
    const path = [0, 1, 2].map((t) => (((choice >> t) & 1) === 1 ? 'e' : 't'));
    const probability = path.reduce(
      (p, r, t) => p * (r === 'e' ? explores[t]! : 1 - explores[t]!),
      1,
    );
    for (const [t, response] of path.entries())
      gradient[t]! += probability * reward(path.join('')) * score(response, t);
  }
  return gradient;
}

describe('the expected gradient over every tree that a small world can grow', () => {
  const exact = policyGradient();
  const distance = (weights: CopyWeights): number =>
    Math.max(
      ...expectedGradient(leafStatistics({ weights }), 0.7).map((g, t) => Math.abs(g - exact[t]!)),
    );

  it('lists trees whose probabilities add up to 1, some with a full budget', () => {
    const trees = everyTree();
    expect(trees.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
    expect(new Set(trees.map(({ leaves }) => leaves))).toEqual(new Set([2, 3]));
  });

  it('is the policy gradient with weights "reach", whatever the constant baseline', () => {
    expect(distance('reach')).toBeLessThan(1e-12);
    const other = expectedGradient(leafStatistics({ weights: 'reach' }), -5);
    for (const [t, value] of other.entries()) expect(value).toBeCloseTo(exact[t]!, 12);
  });

  it('is not with weights "sum" or "mean"', () => {
    expect(distance('sum')).toBeGreaterThan(0.01);
    expect(distance('mean')).toBeGreaterThan(0.001);
  });
});
