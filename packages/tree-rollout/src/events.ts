import type {
  Awaitable,
  BranchingRequest,
  Leaf,
  LeafAccount,
  NodeId,
  TaskId,
  Tree,
  TreeId,
  TreeOpening,
  Turn,
} from '@spark-rl/core';

import type { Callee } from './attempt.js';

/** A task was reset. */
export interface OpenEvent {
  readonly type: 'open';
  readonly tree: TreeId;
  readonly opening: TreeOpening;
}

/** A turn counts. */
export interface TurnEvent {
  readonly type: 'turn';
  readonly tree: TreeId;
  readonly turn: Turn;
  readonly account: LeafAccount;
  /** Whether it comes from the record of an interrupted rollout. */
  readonly recorded: boolean;
}

/** The requests of a turn that all paths shared were answered, in the order in which they were served. */
export interface GrantEvent {
  readonly type: 'grant';
  readonly tree: TreeId;
  /** Each request with the width that it got; 1 for those that the arbiter left out. */
  readonly grants: readonly (BranchingRequest & { readonly granted: number })[];
  readonly account: LeafAccount;
}

/** A path goes on as several. */
export interface ForkEvent {
  readonly type: 'fork';
  readonly tree: TreeId;
  /** The turn that asked. */
  readonly node: NodeId;
  /** Where the branches begin: the turns that follow it; where forks are at the same turn, itself and its siblings. */
  readonly children: readonly NodeId[];
}

/** An expansion opened further children of a finished turn, or further roots (null). */
export interface ExpandEvent {
  readonly type: 'expand';
  readonly tree: TreeId;
  readonly node: NodeId | null;
  readonly round: number;
  readonly children: readonly NodeId[];
}

/** A path ended. */
export interface LeafEvent {
  readonly type: 'leaf';
  readonly tree: TreeId;
  readonly leaf: Leaf;
  readonly account: LeafAccount;
}

/** A call failed and is made again. */
export interface RetryEvent {
  readonly type: 'retry';
  readonly tree: TreeId;
  /** The turn that needs it; null for the reset of the task. */
  readonly node: NodeId | null;
  readonly callee: Callee;
  /** 1 for the first repetition. */
  readonly retry: number;
  readonly error: unknown;
}

/** A task is given up: it cannot be reset, or too many of its paths were lost to the environment. */
export interface PoisonEvent {
  readonly type: 'poison';
  readonly tree: TreeId;
  readonly task: TaskId;
  readonly reason: string;
}

/** A tree is finished. */
export interface FinishedTreeEvent {
  readonly type: 'tree';
  readonly tree: TreeId;
  readonly result: Tree;
}

/** What happens in a rollout, for loggers and viewers. What they do cannot change the tree. */
export type RolloutEvent =
  | OpenEvent
  | TurnEvent
  | GrantEvent
  | ForkEvent
  | ExpandEvent
  | LeafEvent
  | RetryEvent
  | PoisonEvent
  | FinishedTreeEvent;

/** Gets the events; a promise that it returns is waited for, so that a slow reader slows the rollout down. */
export type RolloutListener = (event: RolloutEvent) => Awaitable<void>;
