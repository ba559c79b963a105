import {
  observationText,
  type NodeId,
  type Observation,
  type PastTurn,
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

/** The paths with these ids that start where the task starts. */
export const rootPaths = <State>(
  ids: readonly NodeId[],
  { observation, score }: { readonly observation: Observation; readonly score: number },
  from: SharedState<State>,
): readonly Path<State>[] =>
  ids.map((id) => ({
    id,
    parent: null,
    index: 0,
    from,
    observation,
    score,
    turns: [],
    past: [],
  }));

/** A finished turn as a prompt may show it. */
const pastTurn = ({ observation, action, generation }: Turn): PastTurn => ({
  observation: observationText(observation),
  action,
  generation,
});

/** The paths with these ids that go on from a turn, all from the same next state. */
export function childPaths<State>(
  ids: readonly NodeId[],
  path: Pick<Path<State>, 'turns' | 'past'>,
  turn: Turn,
  from: SharedState<State>,
): readonly Path<State>[] {
  const { observation, score } = turn.next;
  const turns = [...path.turns, turn];
  const past = [...path.past, pastTurn(turn)];
  return ids.map((id) => ({
    id,
    parent: turn.id,
    index: turn.index + 1,
    from,
    observation,
    score,
    turns,
    past,
  }));
}

/** The paths with these ids that go on from the last of these turns, which a finished tree holds. */
export const furtherPaths = <State>(
  ids: readonly NodeId[],
  turns: readonly Turn[],
  last: Turn,
  from: SharedState<State>,
): readonly Path<State>[] => {
  const before = turns.slice(0, -1);
  return childPaths(ids, { turns: before, past: before.map(pastTurn) }, last, from);
};
