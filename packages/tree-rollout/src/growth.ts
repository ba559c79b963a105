import {
  childId,
  rootId,
  type Leaf,
  type Ledger,
  type NodeId,
  type RandomKey,
  type Start,
  type Task,
  type TreeId,
  type Turn,
} from '@spark-rl/core';

import type { ResolvedOptions } from './options.js';
import type { TreeRecord } from './record.js';
import type { Recorder } from './recorder.js';
import { stateKeeper, type SharedState, type StateKeeper } from './shared-state.js';
import type { TurnContext } from './take-turn.js';

/** What is known before a tree grows. */
export interface GrowthParts<State> {
  readonly id: TreeId;
  readonly task: Task;
  readonly options: ResolvedOptions<State>;
  readonly key: RandomKey;
  readonly ledger: Ledger;
  readonly record: TreeRecord;
  readonly recorder: Recorder;
  readonly context: TurnContext<State>;
  readonly start: Pick<Start<State>, 'state' | 'observation' | 'score'>;
}

/** Where a path may go on: the state after a turn, and the path to it, with the widths that its forks were granted. */
export interface Place<State> {
  readonly from: SharedState<State>;
  readonly turns: readonly Turn[];
}

/** A tree that grows: its parts, and what changes while it does. */
export interface Growth<State> extends GrowthParts<State> {
  readonly states: StateKeeper<State>;
  /** The initial state, held until the tree is finished. */
  readonly root: SharedState<State>;
  /** Where an expansion may start from, held until the tree is finished; empty without one. */
  readonly held: Map<NodeId, Place<State>>;
  /** The ids of so many further children of a turn, or of so many further roots (null). */
  readonly allot: (parent: NodeId | null, count: number) => readonly NodeId[];
  /** B of this task: no fork is wider. */
  widest: number;
  /** Leaves lost to the environment so far. */
  lostToEnvironment: number;
}

export function openGrowth<State>(parts: GrowthParts<State>): Growth<State> {
  const states = stateKeeper(parts.options.environment);
  // Children are numbered in the order in which they are opened; a turn has few, most have one.
  const opened = new Map<NodeId | null, number>();
  return {
    ...parts,
    states,
    root: states.share(parts.start.state, 1),
    held: new Map(),
    allot: (parent, count) => {
      const first = opened.get(parent) ?? 0;
      opened.set(parent, first + count);
      return Array.from({ length: count }, (_, i) =>
        parent === null ? rootId(first + i) : childId(parent, first + i),
      );
    },
    widest: Infinity,
    lostToEnvironment: 0,
  };
}

/** The leaf of a path that was lost before it could take the turn `node`. */
export const lostLeaf = (
  node: NodeId,
  tail: NodeId | null,
  score: number,
  lost: { readonly message: string; readonly lostTo: NonNullable<Leaf['lostTo']> },
): Leaf => ({
  id: node as string as Leaf['id'],
  tail,
  outcome: 'failed',
  score,
  error: lost.message,
  lostTo: lost.lostTo,
});
