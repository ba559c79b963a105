import type { LeafAccount, TurnAccounts } from './budget.js';
import type { Awaitable } from './environment.js';
import type { NodeId, TreeId } from './ids.js';
import type { Leaf, TreeOpening, Turn } from './tree.js';

/** What happens to a tree, in the order it happens. A turn is written before it counts. */
export type TreeEvent =
  | { readonly type: 'tree'; readonly tree: TreeId; readonly opening: TreeOpening }
  | { readonly type: 'turn'; readonly tree: TreeId; readonly turn: Turn }
  /** A finished part of the tree gets further children: of a turn, or of the initial state (null). */
  | {
      readonly type: 'expand';
      readonly tree: TreeId;
      readonly node: NodeId | null;
      readonly round: number;
      readonly children: number;
    }
  | { readonly type: 'leaf'; readonly tree: TreeId; readonly leaf: Leaf }
  | {
      readonly type: 'end';
      readonly tree: TreeId;
      readonly account: LeafAccount;
      /** Present when the budget counted more than leaves. */
      readonly resources?: TurnAccounts;
    };

/** An append-only record of what happened. */
export interface Journal {
  /** Resolves when the event is recorded. */
  readonly append: (event: TreeEvent) => Awaitable<void>;
  /**
   * What is already recorded of a tree, in the order it was appended: what an interrupted rollout left. The rollout then takes
   * up the tree where the record ends, and appends only what is new. Absent, or empty, when there is nothing to go on with.
   */
  readonly recorded?: (tree: TreeId) => Awaitable<readonly TreeEvent[]>;
}
