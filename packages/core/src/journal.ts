import type { LeafAccount } from './budget.js';
import type { Awaitable } from './environment.js';
import type { TreeId } from './ids.js';
import type { Leaf, TreeOpening, Turn } from './tree.js';

/** What happens to a tree, in the order it happens. A turn is written before it counts. */
export type TreeEvent =
  | { readonly type: 'tree'; readonly tree: TreeId; readonly opening: TreeOpening }
  | { readonly type: 'turn'; readonly tree: TreeId; readonly turn: Turn }
  | { readonly type: 'leaf'; readonly tree: TreeId; readonly leaf: Leaf }
  | { readonly type: 'end'; readonly tree: TreeId; readonly account: LeafAccount };

/** An append-only record of what happened. */
export interface Journal {
  /** Resolves when the event is recorded. */
  readonly append: (event: TreeEvent) => Awaitable<void>;
}
