import { childrenOf, createdLeaves, type Tree, type Turn } from '@spark-rl/core';

import { budgetFullAt } from './budget-full.js';
import { countBelow, ownLeaves } from './leaf-counts.js';
import { repeatedActions } from './repeated-actions.js';

/** Counts of one tree, or sums over many. */
export interface Tally {
  trees: number;
  leaves: number;
  copies: number;
  failed: number;
  successes: number;
  turns: number;
  /** Sum over leaves of the turns on their paths. */
  pathTurns: number;
  forks: number;
  clipped: number;
  exploring: number;
  invalid: number;
  unavailable: number;
  depth: number;
  roots: number;
  /** Trees with at least one root turn: what the diversities are averaged over. */
  rooted: number;
  rootActions: number;
  rootResponses: number;
  /** Trees with at least one leaf, and the sum over them of the largest root's share of the leaves. */
  bearing: number;
  largestRoot: number;
  /** Leaves that were opened, and that could have been. */
  created: number;
  limit: number;
  full: number;
  fullAt: number;
  uniqueResponseTokens: number;
  uniquePromptTokens: number;
  chainEquivalentResponseTokens: number;
  chainEquivalentPromptTokens: number;
  paths: number;
  repeated: number;
  repeatedAtObservation: number;
  turnsByIndex: number[];
  exploringByIndex: number[];
  forksByIndex: number[];
}

/** Nothing counted yet. */
export const emptyTally = (): Tally => ({
  trees: 0,
  leaves: 0,
  copies: 0,
  failed: 0,
  successes: 0,
  turns: 0,
  pathTurns: 0,
  forks: 0,
  clipped: 0,
  exploring: 0,
  invalid: 0,
  unavailable: 0,
  depth: 0,
  roots: 0,
  rooted: 0,
  rootActions: 0,
  rootResponses: 0,
  bearing: 0,
  largestRoot: 0,
  created: 0,
  limit: 0,
  full: 0,
  fullAt: 0,
  uniqueResponseTokens: 0,
  uniquePromptTokens: 0,
  chainEquivalentResponseTokens: 0,
  chainEquivalentPromptTokens: 0,
  paths: 0,
  repeated: 0,
  repeatedAtObservation: 0,
  turnsByIndex: [],
  exploringByIndex: [],
  forksByIndex: [],
});

/** Leaves of their own below each root, in the order of the roots. */
export function leavesPerRoot(tree: Tree): readonly number[] {
  const below = countBelow(tree, ownLeaves(tree));
  return childrenOf(tree, null).map(({ id }) => below.get(id) ?? 0);
}

const distinct = (turns: readonly Turn[], of: (turn: Turn) => string): number =>
  new Set(turns.map(of)).size;

function addTurns(tally: Tally, tree: Tree): void {
  const sampled = tree.leaves.filter(({ copy }) => copy === undefined);
  const below = countBelow(tree, sampled);
  for (const turn of tree.turns.values()) {
    const { index, generation, response } = turn;
    // No holes: every path passes all indices before its last.
    while (tally.turnsByIndex.length <= index) {
      tally.turnsByIndex.push(0);
      tally.exploringByIndex.push(0);
      tally.forksByIndex.push(0);
    }
    tally.turns++;
    tally.turnsByIndex[index]!++;
    if (turn.grantedWidth > 1) {
      tally.forks++;
      tally.forksByIndex[index]!++;
    }
    if (turn.grantedWidth < turn.requestedWidth) tally.clipped++;
    if (response.mode === 'explore') {
      tally.exploring++;
      tally.exploringByIndex[index]!++;
    }
    if (!response.valid) tally.invalid++;
    if (turn.admissible === false) tally.unavailable++;
    tally.depth = Math.max(tally.depth, index + 1);
    const chains = below.get(turn.id) ?? 0;
    tally.uniqueResponseTokens += generation.responseTokens.length;
    tally.uniquePromptTokens += generation.promptTokens.length;
    tally.chainEquivalentResponseTokens += chains * generation.responseTokens.length;
    tally.chainEquivalentPromptTokens += chains * generation.promptTokens.length;
  }
}

/** Adds one finished tree to a tally. */
export function addTree(tally: Tally, tree: Tree): void {
  tally.trees++;
  addTurns(tally, tree);
  const own = ownLeaves(tree);
  for (const { outcome, tail } of own) {
    if (outcome === 'success') tally.successes++;
    if (tail !== null) tally.pathTurns += tree.turns.get(tail)!.index + 1;
  }
  tally.leaves += own.length;
  tally.copies += tree.leaves.filter(({ copy }) => copy !== undefined).length;
  tally.failed += tree.leaves.filter(({ outcome }) => outcome === 'failed').length;

  const roots = childrenOf(tree, null);
  tally.roots += roots.length;
  if (roots.length > 0) {
    tally.rooted++;
    tally.rootActions += distinct(roots, ({ action }) => action) / roots.length;
    tally.rootResponses += distinct(roots, ({ generation }) => generation.text) / roots.length;
  }
  if (own.length > 0) {
    tally.bearing++;
    tally.largestRoot += Math.max(...leavesPerRoot(tree)) / own.length;
  }
  tally.created += createdLeaves(tree.account);
  tally.limit += tree.account.limit;
  const full = budgetFullAt(tree);
  if (full !== null) {
    tally.full++;
    tally.fullAt += full;
  }
  const repeats = repeatedActions(tree, own);
  tally.paths += repeats.paths;
  tally.repeated += repeats.anywhere;
  tally.repeatedAtObservation += repeats.sameObservation;
}
