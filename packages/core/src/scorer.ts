import type { Awaitable, CallOptions } from './environment.js';
import type { NodeId, TreeId } from './ids.js';
import type { Tree } from './tree.js';

/**
 * Rates the turns of a finished tree (process rewards): a rule, a learned value, a model behind an endpoint. A turn that it has nothing
 * to say of has no entry; scores are finite numbers in a range that the scorer documents.
 */
export interface Scorer {
  readonly id: string;
  readonly score: (tree: Tree, options?: CallOptions) => Awaitable<ReadonlyMap<NodeId, number>>;
}

/** What a scorer said of the turns of several trees. */
export type TurnScores = ReadonlyMap<TreeId, ReadonlyMap<NodeId, number>>;
