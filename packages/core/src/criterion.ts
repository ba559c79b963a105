import type { LeafAccount } from './budget.js';
import type { Status } from './environment.js';
import type { NodeId } from './ids.js';
import type { GenerationWants } from './policy.js';
import type { RandomSource } from './random.js';
import type { Turn } from './tree.js';

/** All that a criterion may look at when it decides. */
export interface BranchingContext {
  /** The turn just finished: its response, parsed form, log-probabilities, entropies, and what the environment answered. */
  readonly turn: Turn;
  /** The turns from the root to this one, this one last. */
  readonly path: readonly Turn[];
  /** The turn's index, from 0. */
  readonly turnIndex: number;
  readonly maxTurns: number;
  readonly status: Status;
  readonly account: LeafAccount;
  /** A stream of its own for this criterion at this node. */
  readonly random: RandomSource;
}

export interface BranchingDecision {
  /** How many children the next turn should have; 1 means no fork. */
  readonly width: number;
  /** Larger is more urgent; read by arbiters that rank requests. */
  readonly priority?: number;
}

/** Decides, after a turn, whether the path should fork there, and how wide. Stateless. */
export interface BranchingCriterion {
  readonly id: string;
  /** The widest fork it can ask for; 1 means that it never asks. */
  readonly maxWidth: number;
  /** What it needs to know of each response beside the text. */
  readonly want?: GenerationWants;
  readonly decide: (context: BranchingContext) => BranchingDecision;
}

/** One path's wish to fork. */
export interface BranchingRequest {
  readonly node: NodeId;
  readonly width: number;
  readonly priority: number;
}

/** Orders the requests of one turn of one task: who is served first while the budget lasts. */
export interface Arbiter {
  readonly id: string;
  readonly order: (
    requests: readonly BranchingRequest[],
    random: RandomSource,
  ) => readonly BranchingRequest[];
}
