import type { Awaitable, CallOptions } from './environment.js';
import type { NodeId, TreeId } from './ids.js';
import type { Tree, Turn } from './tree.js';

/**
 * Rates the turns of a finished tree (process rewards): a rule, a learned value, a model behind an endpoint. A turn that it has nothing
 * to say of has no entry; scores are finite numbers in a range that the scorer documents.
 */
export interface Scorer {
  readonly id: string;
  readonly score: (tree: Tree, options?: CallOptions) => Awaitable<ReadonlyMap<NodeId, number>>;
}

/** What a rater says of a turn. */
export interface TurnRating {
  /** A finite number in a range that the rater documents. */
  readonly value: number;
  /** Tokens that it took to find out, at most the rater's `maxTokens`; charged with the turn. */
  readonly tokens: number;
}

/**
 * Rates a turn as soon as it is taken, so that criteria can read it; the rating stands in the turn, where estimators find it again.
 * What it costs is paid from the task's own budget of tokens.
 */
export interface TurnRater {
  readonly id: string;
  /** The most tokens of one rating, reserved with the turn; 0 where rating takes none. */
  readonly maxTokens: number;
  readonly rate: (
    context: {
      /** The turn just taken. */
      readonly turn: Turn;
      /** The turns from the root to it, itself included. */
      readonly path: readonly Turn[];
    },
    options?: CallOptions,
  ) => Awaitable<TurnRating>;
}

/** What a scorer said of the turns of several trees. */
export type TurnScores = ReadonlyMap<TreeId, ReadonlyMap<NodeId, number>>;
