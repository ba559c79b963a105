import type { AdvantageEstimator, Tree } from '@spark-rl/core';

import { estimateBatch } from '../src/index.js';
import { tree, type Sketch } from './trees.js';

/**
 * A world small enough to list every tree that it can grow: `turns` turns, two responses (e explores, t thinks), and a reward for every
 * sequence of responses. The policy is a table: in every state, which is what was said so far, it explores with a probability of its
 * own. Exploring forks in two while the budget of leaves lasts.
 */
export interface World {
  readonly turns: number;
  /** M. */
  readonly roots: number;
  /** N. */
  readonly leaves: number;
  readonly reward: (path: string) => number;
  /** Of exploring, in the state that these responses led to. */
  readonly explores: (state: string) => number;
}

interface Growing {
  readonly probability: number;
  readonly leaves: number;
  /** The responses of each path, and one digit a turn, the child number, so that shared turns share their prefix. */
  readonly paths: readonly { readonly responses: string; readonly ids: string }[];
}

/** A tree, how probable it is, and what was said at each of its turns. */
export interface GrownTree {
  readonly probability: number;
  readonly leaves: number;
  readonly tree: Tree;
  readonly responses: ReadonlyMap<string, string>;
}

const probabilityOf = (world: World, state: string, response: string): number =>
  response === 'e' ? world.explores(state) : 1 - world.explores(state);

function sketch(world: World, paths: Growing['paths'], depth = 0): Sketch[] {
  const byChild = new Map<string, Growing['paths']>();
  for (const path of paths) {
    const child = path.ids[depth]!;
    byChild.set(child, [...(byChild.get(child) ?? []), path]);
  }
  return [...byChild.values()].map((below) => ({
    // The state is observed whole, so equal observations are equal states.
    observation: below[0]!.responses.slice(0, depth),
    mode: below[0]!.responses[depth] === 'e' ? 'explore' : 'planning',
    action: below[0]!.responses[depth]!,
    tokens: 1,
    next: depth === world.turns - 1 ? 'failure' : sketch(world, below, depth + 1),
    score: world.reward(below[0]!.responses),
  }));
}

/** Every tree that the world can grow. Of paths that explore at the same turn, the first one forks first. */
export function everyTree(world: World): readonly GrownTree[] {
  let growing: readonly Growing[] = [
    {
      probability: 1,
      leaves: world.roots,
      paths: Array.from({ length: world.roots }, (_, i) => ({ responses: '', ids: String(i) })),
    },
  ];
  for (let turn = 0; turn < world.turns; turn++) {
    growing = growing.flatMap((before) =>
      Array.from({ length: 2 ** before.paths.length }, (_, choice) => {
        let { probability, leaves } = before;
        const paths = before.paths.flatMap(({ responses, ids }, i) => {
          const response = ((choice >> i) & 1) === 1 ? 'e' : 't';
          probability *= probabilityOf(world, responses, response);
          const next = { responses: responses + response, ids: `${ids}0` };
          if (response === 't' || leaves >= world.leaves || turn === world.turns - 1) return [next];
          leaves += 1;
          return [next, { ...next, ids: `${ids}1` }];
        });
        return { probability, leaves, paths };
      }),
    );
  }
  return growing.map(({ probability, leaves, paths }) => {
    const responses = new Map<string, string>();
    for (const { responses: said, ids } of paths) {
      for (let t = 0; t < world.turns; t++)
        responses.set([...ids.slice(0, t + 1)].join('.'), said.slice(0, t + 1));
    }
    return { probability, leaves, tree: tree(sketch(world, paths)), responses };
  });
}

/** A number for each state: how the logit of exploring there should change. */
export type Gradient = Record<string, number>;

/** d log p(response | state) / d logit of exploring in that state. */
const score = (world: World, said: string): number =>
  (said.endsWith('e') ? 1 : 0) - world.explores(said.slice(0, -1));

/** The expected update sum w A grad log p of a tree, divided by its roots, exactly: over every tree. */
export function expectedUpdate(
  world: World,
  trees: readonly GrownTree[],
  estimator: AdvantageEstimator,
): Gradient {
  const update: Gradient = {};
  for (const { probability, tree: grown, responses } of trees) {
    const [{ credits }] = estimateBatch(estimator, [[grown]]) as [
      ReturnType<typeof estimateBatch>[0],
    ];
    for (const { node, copies } of credits) {
      const said = responses.get(node)!;
      const state = said.slice(0, -1);
      for (const { weight, advantage } of copies) {
        update[state] =
          (update[state] ?? 0) +
          (probability / world.roots) * weight * advantage * score(world, said);
      }
    }
  }
  return update;
}

const everyPath = (turns: number): readonly string[] =>
  turns === 0 ? [''] : everyPath(turns - 1).flatMap((path) => [`${path}e`, `${path}t`]);

const pathProbability = (world: World, path: string): number =>
  [...path].reduce((p, response, t) => p * probabilityOf(world, path.slice(0, t), response), 1);

/** J, the expected reward of one path. */
export const expectedReward = (world: World): number =>
  everyPath(world.turns).reduce(
    (sum, path) => sum + pathProbability(world, path) * world.reward(path),
    0,
  );

/** The gradient of J, exactly. */
export function policyGradient(world: World): Gradient {
  const gradient: Gradient = {};
  for (const path of everyPath(world.turns)) {
    for (let t = 1; t <= world.turns; t++) {
      const said = path.slice(0, t);
      const state = said.slice(0, -1);
      gradient[state] =
        (gradient[state] ?? 0) +
        pathProbability(world, path) * world.reward(path) * score(world, said);
    }
  }
  return gradient;
}

/** The world after a step along a direction in the logits. */
export function stepped(world: World, direction: Gradient, size: number): World {
  const explores = (state: string): number => {
    const p = world.explores(state);
    const logit = Math.log(p / (1 - p)) + size * (direction[state] ?? 0);
    return 1 / (1 + Math.exp(-logit));
  };
  return { ...world, explores };
}

const states = (a: Gradient, b: Gradient): readonly string[] => [
  ...new Set([...Object.keys(a), ...Object.keys(b)]),
];

const dot = (a: Gradient, b: Gradient): number =>
  states(a, b).reduce((sum, state) => sum + (a[state] ?? 0) * (b[state] ?? 0), 0);

/** The largest difference in any state. */
export const distance = (a: Gradient, b: Gradient): number =>
  Math.max(...states(a, b).map((state) => Math.abs((a[state] ?? 0) - (b[state] ?? 0))));

/** The cosine of the angle between two gradients. */
export const cosine = (a: Gradient, b: Gradient): number =>
  dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

/** The largest entry. */
export const size = (a: Gradient): number => Math.max(...Object.values(a).map(Math.abs));
