import type { AdvantageEstimator, CreditedTree, Tree, TurnScores } from '@spark-rl/core';

/**
 * Estimates a batch of tasks: each task by itself, then across tasks where the estimator does so. Trees of the result stand in the order
 * of the groups; those that got no credits have none.
 *
 * @param groups - for each task its trees; tree ids must differ over the whole batch only where an estimator reads `scores`
 * @param scores - what a scorer said of the turns; see `scoreTrees`
 */
export function estimateBatch(
  estimator: AdvantageEstimator,
  groups: readonly (readonly Tree[])[],
  scores?: TurnScores,
): readonly CreditedTree[] {
  const batch = groups.flatMap((trees) => {
    const credits = estimator.estimate(trees, scores);
    return trees.map((tree) => ({
      tree,
      credits: credits.filter((credit) => credit.tree === tree.id),
    }));
  });
  return estimator.acrossTasks?.(batch) ?? batch;
}
