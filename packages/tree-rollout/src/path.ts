import {
  childId,
  observationText,
  rootId,
  type NodeId,
  type Observation,
  type PastTurn,
  type Transition,
  type Turn,
} from '@spark-rl/core';

import type { SharedState } from './shared-state.js';

/** A running path: where its next turn stands, and all that the turn starts from. */
export interface Path<State> {
  /** The id of its next turn. */
  readonly id: NodeId;
  readonly parent: NodeId | null;
  /** The index of its next turn. */
  readonly index: number;
  readonly from: SharedState<State>;
  readonly observation: Observation;
  /** The environment's score so far. */
  readonly score: number;
  readonly turns: readonly Turn[];
  readonly past: readonly PastTurn[];
}

/** The M paths that share the start of a task. */
export const rootPaths = <State>(
  roots: number,
  { observation, score }: Transition<State>,
  from: SharedState<State>,
): readonly Path<State>[] =>
  Array.from({ length: roots }, (_, i) => ({
    id: rootId(i),
    parent: null,
    index: 0,
    from,
    observation,
    score,
    turns: [],
    past: [],
  }));

/** The paths that go on from a turn, as many as were granted, all from the same next state. */
export function childPaths<State>(
  path: Path<State>,
  turn: Turn,
  from: SharedState<State>,
): readonly Path<State>[] {
  const { observation, score } = turn.next;
  const turns = [...path.turns, turn];
  const seen = observationText(turn.observation);
  const past = [
    ...path.past,
    { observation: seen, action: turn.action, generation: turn.generation },
  ];
  return Array.from({ length: turn.grantedWidth }, (_, i) => ({
    id: childId(turn.id, i),
    parent: turn.id,
    index: turn.index + 1,
    from,
    observation,
    score,
    turns,
    past,
  }));
}
