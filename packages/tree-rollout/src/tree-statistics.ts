import type { NodeId, Tree } from '@spark-rl/core';

/** What a tree looks like, in numbers. */
export interface TreeStatistics {
  /** |G|: leaves that ended by themselves. */
  readonly leaves: number;
  /** Leaves lost to infrastructure. */
  readonly failed: number;
  /** Turns, each counted once. */
  readonly turns: number;
  /** Turns with more than one child granted. */
  readonly forks: number;
  /** Share of turns whose reasoning mode is `explore`, in [0, 1]; 0 without turns. */
  readonly exploreRatio: number;
  /** Share of turns whose response was invalid, in [0, 1]; 0 without turns. */
  readonly invalidRatio: number;
  /** Turns on the longest path. */
  readonly depth: number;
  /** The first turn index after which no leaf was left to open; null when some stayed free. */
  readonly budgetFullAt: number | null;
  /** Tokens that were sampled. */
  readonly uniqueResponseTokens: number;
  /** Tokens of the prompts of all turns. */
  readonly uniquePromptTokens: number;
  /** What separate chains to the same leaves, failed ones included, would have sampled: the sum over leaves of the response tokens on their paths. */
  readonly chainEquivalentResponseTokens: number;
  /** The same sum for prompt tokens. */
  readonly chainEquivalentPromptTokens: number;
}

/** How many leaves, failed ones included, stand below each turn. */
function leafCounts(tree: Tree): ReadonlyMap<NodeId, number> {
  const counts = new Map<NodeId, number>();
  const add = (node: NodeId | null, count: number): void => {
    if (node !== null) counts.set(node, (counts.get(node) ?? 0) + count);
  };
  for (const { tail } of tree.leaves) add(tail, 1);
  // Turns stand in the order of their paths, so backwards every turn comes before its parent.
  for (const turn of [...tree.turns.values()].reverse()) add(turn.parent, counts.get(turn.id) ?? 0);
  return counts;
}

/** The index of the first turn after which created = N, where the M roots are created before turn 0. */
function budgetFullAt(tree: Tree): number | null {
  const roots = new Set(
    [...tree.turns.keys(), ...tree.leaves.map(({ id }) => id)].map((id) => id.split('.', 1)[0]),
  );
  const openedAt: number[] = [];
  for (const { index, grantedWidth } of tree.turns.values())
    openedAt[index] = (openedAt[index] ?? 0) + grantedWidth - 1;
  let created = roots.size;
  if (created >= tree.account.limit) return 0;
  for (const [index, opened] of openedAt.entries()) {
    created += opened ?? 0;
    if (created >= tree.account.limit) return index;
  }
  return null;
}

/** Measures one finished tree, in one pass over its turns and leaves. */
export function treeStatistics(tree: Tree): TreeStatistics {
  const below = leafCounts(tree);
  let forks = 0;
  let explore = 0;
  let invalid = 0;
  let depth = 0;
  let uniqueResponseTokens = 0;
  let uniquePromptTokens = 0;
  let chainEquivalentResponseTokens = 0;
  let chainEquivalentPromptTokens = 0;
  for (const { id, index, grantedWidth, response, generation } of tree.turns.values()) {
    if (grantedWidth > 1) forks++;
    if (response.mode === 'explore') explore++;
    if (!response.valid) invalid++;
    depth = Math.max(depth, index + 1);
    const copies = below.get(id) ?? 0;
    uniqueResponseTokens += generation.responseTokens.length;
    uniquePromptTokens += generation.promptTokens.length;
    chainEquivalentResponseTokens += copies * generation.responseTokens.length;
    chainEquivalentPromptTokens += copies * generation.promptTokens.length;
  }
  const turns = tree.turns.size;
  const failed = tree.leaves.filter(({ outcome }) => outcome === 'failed').length;
  return {
    leaves: tree.leaves.length - failed,
    failed,
    turns,
    forks,
    exploreRatio: turns === 0 ? 0 : explore / turns,
    invalidRatio: turns === 0 ? 0 : invalid / turns,
    depth,
    budgetFullAt: budgetFullAt(tree),
    uniqueResponseTokens,
    uniquePromptTokens,
    chainEquivalentResponseTokens,
    chainEquivalentPromptTokens,
  };
}
