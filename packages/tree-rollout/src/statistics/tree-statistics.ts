import type { Tree } from '@spark-rl/core';

import { addTree, emptyTally, leavesPerRoot, type Tally } from './tally.js';

/** What a tree, or many trees together, look like in numbers. Ratios are 0 where there is nothing to divide by. */
export interface GrowthStatistics {
  /** Leaves that ended by themselves, each a path of its own; with `copies` that is |G|. */
  readonly leaves: number;
  /** Leaves that are another leaf counted again, as profile `reference-code` does. They count nowhere else here. */
  readonly copies: number;
  /** Leaves lost to infrastructure. */
  readonly failed: number;
  /** Leaves that ended in success. */
  readonly successes: number;
  /** Turns, each counted once. */
  readonly turns: number;
  /** Mean turns on the path to a leaf. */
  readonly meanPathLength: number;
  /** Turns on the longest path. */
  readonly depth: number;
  /** Turns that were granted more than one child (same-turn forks: more than one response). */
  readonly forks: number;
  /** Turns that were granted less than they asked for. */
  readonly clippedForks: number;
  /** Mean turn index of the forks, from 0; null without any. */
  readonly meanForkDepth: number | null;
  /** Turns at turn index t, at [t]; the two after it have the same length. */
  readonly turnsByIndex: readonly number[];
  /** Forks at turn index t, at [t]. */
  readonly forksByIndex: readonly number[];
  /** Turns at turn index t whose reasoning mode is `explore`, at [t]. */
  readonly exploringByIndex: readonly number[];
  /** Turns whose reasoning mode is `explore`. */
  readonly exploringTurns: number;
  /** Their share of all turns, in [0, 1]. */
  readonly exploreRatio: number;
  /** Turns whose response was invalid. */
  readonly invalidTurns: number;
  /** Their share of all turns, in [0, 1]. */
  readonly invalidRatio: number;
  /** Share of turns whose action was known not to be admissible, in [0, 1]. */
  readonly unavailableRatio: number;
  /** Distinct first actions over roots, in (0, 1]: how many of the M beginnings differ in what they do. */
  readonly rootActionDiversity: number;
  /** Distinct first responses over roots, in (0, 1]. */
  readonly rootResponseDiversity: number;
  /** The largest share of the leaves that stands below one root, in (0, 1]: 1 / M when the budget is spent evenly. */
  readonly largestRootShare: number;
  /**
   * Mean over the leaves' paths of the share of their turns whose action was already taken earlier on the path, in [0, 1). The
   * paper reports such a ratio without defining it (Table 6). A turn shared by k leaves counts in each of the k paths.
   */
  readonly repeatedActionRatio: number;
  /** The same, of turns whose action was already taken earlier on the path at the same observation: at most the plain ratio. */
  readonly repeatedActionAtObservationRatio: number;
  /** Response tokens that were sampled. */
  readonly uniqueResponseTokens: number;
  /** Tokens of the prompts of all turns. */
  readonly uniquePromptTokens: number;
  /**
   * What separate chains to the same leaves would have sampled: the sum over leaves, failed ones included, of the response
   * tokens on their paths. Copies are left out: nobody would sample them, and counting them would make the saving look larger.
   */
  readonly chainEquivalentResponseTokens: number;
  /** The same sum for prompt tokens. */
  readonly chainEquivalentPromptTokens: number;
}

/** What one tree looks like, in numbers. */
export interface TreeStatistics extends GrowthStatistics {
  /** Leaves below each root, in the order of the roots. */
  readonly leavesPerRoot: readonly number[];
  /**
   * The first turn index with which the budget was full, roots counted at turn 0; null when some leaf stayed free. A leaf that
   * an expansion added counts at the turn it grows from.
   */
  readonly budgetFullAt: number | null;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** The statistics that a tally comes to. */
export function statisticsOf(tally: Tally): GrowthStatistics {
  const { turns, forks, forksByIndex } = tally;
  return {
    leaves: tally.leaves,
    copies: tally.copies,
    failed: tally.failed,
    successes: tally.successes,
    turns,
    meanPathLength: ratio(tally.pathTurns, tally.leaves),
    depth: tally.depth,
    forks,
    clippedForks: tally.clipped,
    meanForkDepth:
      forks === 0 ? null : forksByIndex.reduce((sum, count, t) => sum + count * t, 0) / forks,
    turnsByIndex: tally.turnsByIndex,
    forksByIndex,
    exploringByIndex: tally.exploringByIndex,
    exploringTurns: tally.exploring,
    exploreRatio: ratio(tally.exploring, turns),
    invalidTurns: tally.invalid,
    invalidRatio: ratio(tally.invalid, turns),
    unavailableRatio: ratio(tally.unavailable, turns),
    rootActionDiversity: ratio(tally.rootActions, tally.rooted),
    rootResponseDiversity: ratio(tally.rootResponses, tally.rooted),
    largestRootShare: ratio(tally.largestRoot, tally.bearing),
    repeatedActionRatio: ratio(tally.repeated, tally.paths),
    repeatedActionAtObservationRatio: ratio(tally.repeatedAtObservation, tally.paths),
    uniqueResponseTokens: tally.uniqueResponseTokens,
    uniquePromptTokens: tally.uniquePromptTokens,
    chainEquivalentResponseTokens: tally.chainEquivalentResponseTokens,
    chainEquivalentPromptTokens: tally.chainEquivalentPromptTokens,
  };
}

/** Measures one finished tree: a few passes over its turns and leaves. */
export function treeStatistics(tree: Tree): TreeStatistics {
  const tally = emptyTally();
  addTree(tally, tree);
  return {
    ...statisticsOf(tally),
    leavesPerRoot: leavesPerRoot(tree),
    budgetFullAt: tally.full === 0 ? null : tally.fullAt,
  };
}
