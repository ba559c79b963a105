import {
  createTreeBuilder,
  throwIfAborted,
  type Journal,
  type Leaf,
  type Ledger,
  type Tree,
  type TreeEvent,
  type TreeId,
  type TreeOpening,
  type Turn,
} from '@spark-rl/core';

import type { RolloutHooks } from './options.js';

/** Where everything that happens to a tree is written down: first in the journal, then in the tree and the ledger. */
export interface Recorder {
  readonly turn: (turn: Turn) => Promise<void>;
  readonly leaf: (leaf: Leaf) => Promise<void>;
  readonly end: () => Promise<Tree>;
}

/** Starts the record of a tree by its `tree` event. */
export async function openRecorder(
  id: TreeId,
  opening: TreeOpening,
  ledger: Ledger,
  options: {
    readonly journal: Journal | undefined;
    readonly hooks: RolloutHooks;
    readonly signal: AbortSignal;
  },
): Promise<Recorder> {
  const { journal, hooks, signal } = options;
  const builder = createTreeBuilder(id, opening);
  const append = async (event: TreeEvent): Promise<void> => {
    throwIfAborted(signal);
    if (journal === undefined) return;
    await journal.append(event);
    throwIfAborted(signal);
  };
  await append({ type: 'tree', tree: id, opening });
  return {
    turn: async (turn) => {
      await append({ type: 'turn', tree: id, turn });
      builder.addTurn(turn);
      hooks.onTurn?.(turn, ledger.account(), id);
    },
    leaf: async (leaf) => {
      await append({ type: 'leaf', tree: id, leaf });
      builder.addLeaf(leaf);
      if (leaf.outcome === 'failed') ledger.fail();
      else ledger.complete();
      hooks.onLeaf?.(leaf, ledger.account(), id);
    },
    end: async () => {
      const account = ledger.account();
      await append({ type: 'end', tree: id, account });
      const tree = builder.build(account);
      hooks.onTree?.(tree);
      return tree;
    },
  };
}
