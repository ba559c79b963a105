import type { TreesSummary } from './summarize-trees.js';

const twoDigits = (index: number): string => String(index).padStart(2, '0');

/**
 * A summary as flat numbers under metric names, ready for a metrics file or a dashboard: `tree/...` for the shape,
 * `budget/...` for what was spent, `explore/...` for the tag, `rollout/...` for tokens and turns. `tree/forks_at/03` and `explore/share_at/03` are of turn index
 * 3. What has no value, such as the depth of forks that do not exist, is left out.
 */
export function treeMetrics(summary: TreesSummary): Readonly<Record<string, number>> {
  const trees = Math.max(1, summary.trees);
  const saving = (unique: number, chains: number): number =>
    chains === 0 ? 0 : 1 - unique / chains;
  const metrics: Record<string, number> = {
    'tree/leaves': summary.leaves / trees,
    'tree/failed_leaves': summary.failed,
    'tree/duplicate_leaves': summary.copies,
    'tree/forks': summary.forks,
    'tree/branch_rate': summary.forks / Math.max(1, summary.turns),
    'tree/b_clipped': summary.clippedForks,
    'tree/depth': summary.depth,
    'tree/path_length': summary.meanPathLength,
    'tree/leaves_per_root': summary.leaves / Math.max(1, summary.roots),
    'tree/largest_root_share': summary.largestRootShare,
    'tree/root_action_diversity': summary.rootActionDiversity,
    'tree/root_response_diversity': summary.rootResponseDiversity,
    'tree/repeated_action_ratio': summary.repeatedActionRatio,
    'tree/repeated_action_at_observation_ratio': summary.repeatedActionAtObservationRatio,
    'budget/spent': summary.budgetSpentRatio,
    'budget/full_share': summary.budgetFullRatio,
    'tree/prefix_token_saving': saving(
      summary.uniqueResponseTokens,
      summary.chainEquivalentResponseTokens,
    ),
    'tree/prefix_prompt_token_saving': saving(
      summary.uniquePromptTokens,
      summary.chainEquivalentPromptTokens,
    ),
    'explore/share': summary.exploreRatio,
    'rollout/success': summary.leaves === 0 ? 0 : summary.successes / summary.leaves,
    'rollout/tokens_generated': summary.uniqueResponseTokens,
    'rollout/tokens_chain_equivalent': summary.chainEquivalentResponseTokens,
    'rollout/prompt_tokens': summary.uniquePromptTokens,
    'rollout/prompt_tokens_chain_equivalent': summary.chainEquivalentPromptTokens,
    'rollout/invalid_share': summary.invalidRatio,
    'rollout/unavailable_share': summary.unavailableRatio,
  };
  if (summary.meanForkDepth !== null) metrics['tree/fork_depth'] = summary.meanForkDepth;
  if (summary.meanBudgetFullAt !== null) metrics['budget/full_at'] = summary.meanBudgetFullAt;
  for (const [t, turns] of summary.turnsByIndex.entries()) {
    metrics[`tree/forks_at/${twoDigits(t)}`] = summary.forksByIndex[t] ?? 0;
    metrics[`explore/share_at/${twoDigits(t)}`] =
      turns === 0 ? 0 : (summary.exploringByIndex[t] ?? 0) / turns;
  }
  return metrics;
}
