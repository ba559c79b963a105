import { betweenActionVariance, type ActionOutcomes } from './between-actions.js';
import { successVariance } from './success-variance.js';

/** What followed when an episode was continued once. */
export interface Continuation {
  /** The first action; empty when the first response was invalid. */
  readonly action: string;
  readonly success: boolean;
}

/**
 * What is taken for the importance of a turn: the variance of success over its continuations, or the part of it that the first
 * action decides. The first is large wherever the outcome is open, also long before the choice that decides it; the second only
 * where the next choice itself matters, and it needs more continuations to be told from luck.
 */
export type ImportanceMeasure = 'variance' | 'between-actions';

/** Counts continuations by their first action, in the order in which actions first occur. */
export function byFirstAction(continuations: readonly Continuation[]): readonly ActionOutcomes[] {
  const groups = new Map<string, { action: string; continuations: number; successes: number }>();
  for (const { action, success } of continuations) {
    let group = groups.get(action);
    if (group === undefined)
      groups.set(action, (group = { action, continuations: 0, successes: 0 }));
    group.continuations++;
    if (success) group.successes++;
  }
  return [...groups.values()];
}

/** How many succeeded. */
export const successesOf = (continuations: readonly Continuation[]): number =>
  continuations.filter(({ success }) => success).length;

/** The importance that some continuations give; null when it cannot be told from them. At least two. */
export const importanceOf = (
  continuations: readonly Continuation[],
  measure: ImportanceMeasure,
): number | null =>
  measure === 'variance'
    ? successVariance(successesOf(continuations), continuations.length)
    : betweenActionVariance(byFirstAction(continuations));
