import {
  EnvironmentError,
  hashText,
  SparkError,
  type NodeId,
  type Observation,
  type Transition,
  type TreeId,
  type TreeOpening,
  type Turn,
} from '@spark-rl/core';

import type { LostError } from './lost.js';
import type { Path } from './path.js';
import { stepOnce, type TakenTurn, type TurnContext } from './take-turn.js';

/** Observations in parts were given one form when the environment answered. */
const textOf = (observation: Observation): string =>
  typeof observation === 'string' ? observation : JSON.stringify(observation);

type Answer = Pick<Transition<unknown>, 'observation' | 'score' | 'status'>;

/** Refuses to go on when the world answers otherwise than it did when the record was made. */
function checkReplay(tree: TreeId, node: NodeId | null, recorded: Answer, now: Answer): void {
  const was = textOf(recorded.observation);
  const is = textOf(now.observation);
  const differs =
    was !== is
      ? `observed ${hashText(is).slice(0, 12)}, recorded ${hashText(was).slice(0, 12)}: ${JSON.stringify(is.slice(0, 120))} instead of ${JSON.stringify(was.slice(0, 120))}`
      : recorded.score !== now.score
        ? `score ${now.score}, recorded ${recorded.score}`
        : recorded.status !== now.status
          ? `status ${now.status}, recorded ${recorded.status}`
          : undefined;
  if (differs === undefined) return;
  const place = node === null ? 'its start' : `turn ${node}`;
  throw new SparkError('replay-mismatch', `tree ${tree}: ${place} went otherwise (${differs})`, {
    field: node ?? 'start',
    value: is,
    remedy:
      'Use the environment, data and version that the record was made with, or remove the record to grow the tree anew.',
  });
}

/**
 * The world could not be brought to where the record stands. That is no lost leaf: the record goes on from there, and a leaf
 * would contradict it.
 */
export const replayFailed = (tree: TreeId, node: NodeId | null, cause: LostError): Error =>
  new EnvironmentError(
    `tree ${tree}: ${node === null ? 'its start' : `turn ${node}`} could not be replayed (${cause.message})`,
    {
      field: node ?? 'start',
      remedy: 'What is recorded is kept: mend the environment, then resume.',
      cause,
    },
  );

/** Refuses to go on with a tree whose task now starts otherwise. */
export const checkStart = (tree: TreeId, recorded: TreeOpening, now: TreeOpening): void =>
  checkReplay(tree, null, { ...recorded, status: 'running' }, { ...now, status: 'running' });

/**
 * Takes a recorded turn again: the response is the recorded one, the environment steps with the recorded action, and what it
 * answers must be what it answered then.
 *
 * @throws SparkError `replay-mismatch` naming the turn; LostError when the environment stayed broken, AbortedError when stopped
 */
export async function replayTurn<State>(
  context: TurnContext<State>,
  path: Path<State>,
  turn: Turn,
  tree: TreeId,
): Promise<TakenTurn<State>> {
  const transition = await stepOnce(context, path, turn.action);
  try {
    checkReplay(tree, turn.id, turn.next, transition);
  } catch (error) {
    context.options.environment.release?.(transition.state);
    throw error;
  }
  return { turn, state: transition.state };
}
