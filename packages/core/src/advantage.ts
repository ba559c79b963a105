import type { LeafId, NodeId, TreeId } from './ids.js';
import type { TurnScores } from './scorer.js';
import type { Tree } from './tree.js';

/** What one leaf below a turn credits to it. */
export interface CreditCopy {
  /** The leaf that this credit comes from; absent when the estimator gives one credit for the whole turn. */
  readonly leaf?: LeafId;
  readonly advantage: number;
  /** How much this copy counts in the objective; positive. */
  readonly weight: number;
}

/** What a turn is credited: one copy for each completed leaf below it, or a single one. */
export interface TurnCredit {
  readonly tree: TreeId;
  readonly node: NodeId;
  readonly copies: readonly CreditCopy[];
}

/**
 * Turns the finished trees of one task into credits for their turns; a pure function. Turns with no completed leaf below them
 * get none. An estimator that compares leaves gives an empty list for a group of fewer than two.
 */
export interface AdvantageEstimator {
  readonly id: string;
  /** `scores`: what a scorer said of the turns, for estimators that read process rewards. */
  readonly estimate: (trees: readonly Tree[], scores?: TurnScores) => readonly TurnCredit[];
  /**
   * Present when advantages are known only with the whole batch, as where they are whitened over it: called once with the credits of
   * all tasks, and what it returns is trained.
   */
  readonly acrossTasks?: (batch: readonly CreditedTree[]) => readonly CreditedTree[];
}

/** A tree, and what its turns are credited. */
export interface CreditedTree {
  readonly tree: Tree;
  readonly credits: readonly TurnCredit[];
}

/** What a learner reports of one update, by name, such as `loss`, `kl`, `clipRatio`, `gradientNorm`. */
export type LearningMetrics = Readonly<Record<string, number>>;

/** Takes trees with credits and makes the policy better. */
export interface Learner {
  readonly learn: (
    batch: readonly CreditedTree[],
    options?: { readonly signal?: AbortSignal },
  ) => Promise<{ readonly policyVersion: string; readonly metrics: LearningMetrics }>;
}
