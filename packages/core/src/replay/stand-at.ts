import type { Instance } from './choose-instance.js';
import { resetWorld, stepWorld, type Answer } from './live-world.js';
import { ReplayMismatchError } from './replay-mismatch.js';
import { printOf, samePrint, type ReplayState } from './replay-state.js';

/** Counts what standing at states costs. */
export interface ReplayCounts {
  resets: number;
  replayedActions: number;
}

/** Throws unless `answer` is the one that `state` was made from. */
function compare(state: ReplayState, answer: Answer): void {
  const actual = printOf(answer);
  if (samePrint(state.answer, actual)) return;
  throw new ReplayMismatchError({
    task: state.task.id,
    turn: Math.max(0, state.turn - 1),
    action: state.past?.action ?? null,
    expected: state.answer,
    actual,
  });
}

/**
 * Brings an instance to `target`: not at all when it stands there, by the missing actions when it stands on the way, else by a
 * reset and all actions. Every answer is compared with the one that was given the first time.
 *
 * @param signal - stops between two calls of the world, beside being handed to each
 * @throws ReplayMismatchError where the world answers differently than before
 */
export async function standAt(
  instance: Instance,
  target: ReplayState,
  signal: AbortSignal,
  counts: ReplayCounts,
): Promise<void> {
  const { world, position } = instance;
  const missing: ReplayState[] = [];
  let at: ReplayState | undefined = target;
  for (; at !== undefined && at.id !== position?.id; at = at.past?.state) missing.push(at);
  for (const state of missing.reverse()) {
    signal.throwIfAborted();
    if (state.past === null) {
      counts.resets++;
      compare(state, await resetWorld(world, state.task, { signal }));
    } else {
      const { state: from, action } = state.past;
      counts.replayedActions++;
      compare(state, await stepWorld(world, state.task, from.turn, action, { signal }));
    }
  }
  signal.throwIfAborted();
  // Also when it stood there already: an equal state may be another object, and it is this one that is held now.
  instance.position = target;
}
