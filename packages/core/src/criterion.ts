import type { LeafAccount, TurnAccounts } from './budget.js';
import type { Status } from './environment.js';
import type { NodeId } from './ids.js';
import type { GenerationWants } from './policy.js';
import type { RandomSource } from './random.js';
import type { Tree, Turn } from './tree.js';

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
  /** How tokens, steps and time stand, where the budget counts them. */
  readonly resources: TurnAccounts;
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

/** Where a finished tree shall grow further. */
export interface ExpansionChoice {
  /** The turn whose next state gets further children; null for the initial state, which gets further roots. */
  readonly node: NodeId | null;
  /** How many children are added, at least 1. */
  readonly children: number;
}

/** All that an expansion may look at when it chooses. */
export interface ExpansionContext {
  /** The tree so far: every path of it has ended. */
  readonly tree: Tree;
  /** From 0. */
  readonly round: number;
  /** The turns that may have children, in the order of their paths: those after which the episode went on. */
  readonly expandable: readonly NodeId[];
  readonly account: LeafAccount;
  /** A stream of its own for this round. */
  readonly random: RandomSource;
}

/**
 * Chooses, when all paths of a tree have ended, further nodes to grow from (Tree-GRPO, best-first). Choices are granted in the
 * order given while leaves are free; each child is a path of its own, which the criterion may fork again. Stateless.
 */
export interface Expansion {
  readonly id: string;
  /** How often it is asked; a round without choices, or without free leaves, is the last. */
  readonly rounds: number;
  readonly choose: (context: ExpansionContext) => readonly ExpansionChoice[];
}

/** What a task may spend. */
export interface SpendingPlan {
  /** M, at least as many roots as were looked at. */
  readonly roots: number;
  /** N, at least M. */
  readonly leaves: number;
  /** B: no fork of this task is wider. */
  readonly width: number;
}

/**
 * Decides from the first turns of a few roots how much a task may spend: little where they agree, more where they split.
 * Stateless, and a function of those turns alone, so that the same seed gives the same tree.
 */
export interface SpendingRule {
  readonly id: string;
  /** How many roots take their first turn before the rule is asked. */
  readonly probes: number;
  readonly plan: (firstTurns: readonly Turn[]) => SpendingPlan;
}
