import {
  createTreeBuilder,
  throwIfAborted,
  type Journal,
  type Leaf,
  type Ledger,
  type NodeId,
  type Tree,
  type TreeEvent,
  type TreeId,
  type TreeOpening,
  type Turn,
} from '@spark-rl/core';

import type { RolloutEvent, RolloutListener } from './events.js';
import type { TreeRecord } from './record.js';

/** Where everything that happens to a tree is written down: first in the journal, then in the tree and the ledger. */
export interface Recorder {
  /** Makes a turn count. */
  readonly turn: (turn: Turn) => Promise<void>;
  /** Ends a path, and settles it with the ledger unless it is not charged. */
  readonly leaf: (leaf: Leaf) => Promise<void>;
  /** Grants a finished turn further children. */
  readonly expand: (
    node: NodeId | null,
    round: number,
    children: readonly NodeId[],
  ) => Promise<void>;
  /** The tree so far. */
  readonly snapshot: () => Tree;
  readonly end: () => Promise<Tree>;
}

/** Starts the record of a tree by its `tree` event. What the journal has already is not written again. */
export async function openRecorder(
  id: TreeId,
  opening: TreeOpening,
  ledger: Ledger,
  record: TreeRecord,
  options: {
    readonly journal: Journal | undefined;
    readonly tell: RolloutListener | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Recorder> {
  const { journal, tell, signal } = options;
  const builder = createTreeBuilder(id, opening);
  const append = async (event: TreeEvent, known: boolean): Promise<void> => {
    throwIfAborted(signal);
    if (journal === undefined || known) return;
    await journal.append(event);
    throwIfAborted(signal);
  };
  const say = async (event: RolloutEvent): Promise<void> => {
    await tell?.(event);
    throwIfAborted(signal);
  };
  const build = (): Tree => builder.build(ledger.account(), ledger.turns?.accounts());

  await append({ type: 'tree', tree: id, opening }, record.opening !== undefined);
  if (tell !== undefined) await say({ type: 'open', tree: id, opening });
  return {
    turn: async (turn) => {
      const recorded = record.turn(turn.id) !== undefined;
      await append({ type: 'turn', tree: id, turn }, recorded);
      builder.addTurn(turn);
      if (tell !== undefined)
        await say({ type: 'turn', tree: id, turn, account: ledger.account(), recorded });
    },
    leaf: async (leaf) => {
      await append({ type: 'leaf', tree: id, leaf }, record.leaf(leaf.id) !== undefined);
      builder.addLeaf(leaf);
      if (leaf.outcome === 'failed') ledger.fail();
      else if (leaf.copy?.reason !== 'padding') ledger.complete();
      if (tell !== undefined)
        await say({ type: 'leaf', tree: id, leaf, account: ledger.account() });
    },
    expand: async (node, round, children) => {
      const { length } = children;
      await append(
        { type: 'expand', tree: id, node, round, children: length },
        record.expanded(node, round) !== undefined,
      );
      if (node !== null) builder.expand(node, length);
      if (tell !== undefined) await say({ type: 'expand', tree: id, node, round, children });
    },
    snapshot: build,
    end: async () => {
      const account = ledger.account();
      const resources = ledger.turns?.accounts();
      await append(
        { type: 'end', tree: id, account, ...(resources !== undefined && { resources }) },
        false,
      );
      const tree = builder.build(account, resources);
      if (tell !== undefined) await say({ type: 'tree', tree: id, result: tree });
      return tree;
    },
  };
}
