import type { Tree } from '@spark-rl/core';

import { addTree, emptyTally } from './tally.js';
import { statisticsOf, type GrowthStatistics } from './tree-statistics.js';

/**
 * What many trees look like together. Counts are sums over the trees; shares of turns are over all turns, repetition over all
 * paths; diversities and the largest root's share are means over trees, each tree once.
 */
export interface TreesSummary extends GrowthStatistics {
  readonly trees: number;
  /** Roots that took their first turn, of all trees. */
  readonly roots: number;
  /** Share of the leaves in the budgets that were opened, failed ones too, in [0, 1]. */
  readonly budgetSpentRatio: number;
  /** Share of trees whose budget was full in the end, in [0, 1]. */
  readonly budgetFullRatio: number;
  /** Mean over those trees of the turn index with which it was full; null when none was. */
  readonly meanBudgetFullAt: number | null;
}

/** Measures finished trees together: those of a training step, say. */
export function summarizeTrees(trees: Iterable<Tree>): TreesSummary {
  const tally = emptyTally();
  for (const tree of trees) addTree(tally, tree);
  return {
    trees: tally.trees,
    roots: tally.roots,
    ...statisticsOf(tally),
    budgetSpentRatio: tally.limit === 0 ? 0 : tally.created / tally.limit,
    budgetFullRatio: tally.trees === 0 ? 0 : tally.full / tally.trees,
    meanBudgetFullAt: tally.full === 0 ? null : tally.fullAt / tally.full,
  };
}
