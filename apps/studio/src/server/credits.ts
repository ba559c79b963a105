import { estimateBatch } from '@spark-rl/advantage-normalization';
import type { AdvantageEstimator, CreditedTree, Tree } from '@spark-rl/core';

/** How a run credits its trees; told by whoever knows what its configuration means. */
export interface CreditRule {
  readonly estimator: AdvantageEstimator;
  /** How many trees a task has in a step: a group that is not whole was not trained as it stands. */
  readonly treesPerTask: number;
}

/** What is known of a group of trees: their credits, or why they have none. */
export interface GroupCredits {
  readonly credited: readonly CreditedTree[];
  readonly note: string;
}

/** The trees of one task, or of all tasks of a step, as far as they are finished. */
export interface CreditGroup {
  readonly trees: readonly Tree[];
  /** Trees that belong to the group but did not end. */
  readonly unfinished: number;
}

const isWhole = (group: CreditGroup, { treesPerTask }: CreditRule): boolean =>
  group.unfinished === 0 && group.trees.length >= treesPerTask;

/**
 * The credits of trees, computed as the run itself computes them.
 *
 * @param groups - the group in question or, where the estimator looks across tasks, all groups of the step
 * @param rule - of the run; undefined when its configuration cannot be read
 */
export function creditGroups(
  groups: readonly CreditGroup[],
  rule: CreditRule | undefined,
): GroupCredits {
  const none = (note: string): GroupCredits => ({ credited: [], note });
  if (rule === undefined)
    return none('No advantages: the configuration of the run could not be read.');
  if (!groups.every((group) => isWhole(group, rule)))
    return none(
      'No advantages: they compare the leaves of a whole group, and a tree of this one is unfinished or damaged.',
    );
  const credited = estimateBatch(
    rule.estimator,
    groups.map(({ trees }) => trees),
  );
  if (credited.every(({ credits }) => credits.length === 0))
    return none('No advantages: the group has fewer than two completed leaves.');
  return {
    credited,
    note: `Computed with ${rule.estimator.id}, from the configuration of the run.`,
  };
}
