import {
  childrenOf,
  parseInput,
  type Expansion,
  type ExpansionChoice,
  type ExpansionContext,
  type NodeId,
  type RandomSource,
} from '@spark-rl/core';
import { z } from 'zod';

import { countSchema } from '../schemas.js';

const randomNodesOptions = z.strictObject({
  nodes: countSchema,
  rounds: countSchema.default(1),
  per: z.enum(['task', 'root']).default('task'),
});

/** n, L, and what counts as a tree, of {@link randomNodes}. */
export type RandomNodesOptions = z.input<typeof randomNodesOptions>;

type Candidates = readonly (NodeId | null)[];

/** What may be picked: one set for the task, or one for each root, the initial state in each. */
function candidateSets(
  { tree, expandable }: Pick<ExpansionContext, 'tree' | 'expandable'>,
  per: 'task' | 'root',
): readonly Candidates[] {
  if (per === 'task') return [[null, ...expandable]];
  return childrenOf(tree, null).map(({ id: root }) => [
    null,
    ...expandable.filter((id) => id === root || id.startsWith(`${root}.`)),
  ]);
}

/** n picks from each set in turn, with replacement, while there is room. */
function pick(
  sets: readonly Candidates[],
  { nodes, room, random }: { nodes: number; room: number; random: RandomSource },
): Candidates {
  const picks: (NodeId | null)[] = [];
  for (let i = 0; i < nodes; i++)
    for (const set of sets) if (picks.length < room) picks.push(random.pick(set));
  return picks;
}

/**
 * Tree-GRPO's expansion: when all paths have ended, n nodes are picked uniformly at random, with replacement, among those that may
 * have children, the initial state included, and each pick gets one further child, which is rolled out to its end. This is repeated
 * L times; nodes that a round added may be picked by the next.
 *
 * With `per: 'task'` (default) the M roots of a task are one tree, with one initial state. Tree-GRPO grows M separate trees a task, a
 * chain each, and picks n nodes in each; `per: 'root'` does so: every root is a tree, with an initial state of its own, and gets n
 * picks. A child of the initial state is a further root, which later rounds take for a tree of its own; so with more than one round
 * the two differ.
 *
 * The pick of a later prune (k leaves a tree in its code) is left to the budget: at most N leaves are ever grown.
 *
 * @param options.nodes - n, a whole number of at least 1
 * @param options.rounds - L, a whole number of at least 1, 1 by default
 * @param options.per - `task` (default) or `root`
 * @throws InvalidInputError when an option is not such a value
 * @see https://arxiv.org/abs/2509.21240 (Tree-GRPO); its script has M = 2, n = 2, L = 1
 */
export function randomNodes(options: RandomNodesOptions): Expansion {
  const { nodes, rounds, per } = parseInput(randomNodesOptions, options, 'options of randomNodes');
  return {
    id: `random-nodes(${nodes},${rounds},${per})`,
    rounds,
    choose: ({ tree, expandable, account, random }) => {
      // Picks beyond the free leaves are not made: joining equal picks below would else favour those that were picked twice.
      const picks = pick(candidateSets({ tree, expandable }, per), {
        nodes,
        room: account.free,
        random,
      });
      const children = new Map<NodeId | null, number>();
      for (const node of picks) children.set(node, (children.get(node) ?? 0) + 1);
      return [...children].map(([node, count]): ExpansionChoice => ({ node, children: count }));
    },
  };
}
