import type { LiveWorld } from './live-world.js';
import { pathToState, type ReplayState } from './replay-state.js';

/** A live world and where it stands. */
export interface Instance {
  readonly world: LiveWorld;
  /** The state that it stands at; null before its first reset. */
  position: ReplayState | null;
}

/** An idle instance that a call may have. */
export interface Choice {
  readonly instance: Instance;
  /** Whether somebody may still want to step the state that it stands at, and would then have to replay it. */
  readonly steals: boolean;
}

/**
 * Chooses an idle instance for a call that wants to stand at `wanted` (or, when null, at the start of some task):
 *
 * 1. one that stands there: nothing has to be replayed;
 * 2. one whose position nobody will step: never reset, its episode ended, or its state was released;
 * 3. one whose position may still be stepped, marked `steals`: better launch another than take it, where capacity allows.
 *
 * Within 2 and 3 it prefers the instance furthest along the path to `wanted`, which needs no reset and replays only the rest;
 * among equals, and where none is on that path, the least recently used one.
 *
 * @param idle - in order of last use, the longest idle first
 * @param isReleased - whether a state was given up by whoever held it
 */
export function chooseInstance(
  idle: Iterable<Instance>,
  wanted: ReplayState | null,
  isReleased: (state: ReplayState) => boolean,
): Choice | undefined {
  const candidates = [...idle];
  if (wanted !== null) {
    const there = candidates.find(({ position }) => position?.id === wanted.id);
    if (there !== undefined) return { instance: there, steals: false };
  }
  const path = wanted === null ? [] : pathToState(wanted);
  const onPath = (position: ReplayState | null): number =>
    position !== null && path[position.turn]?.id === position.id ? position.turn : -1;

  const choices = candidates.map((instance) => {
    const { position } = instance;
    const free = position?.answer.status !== 'running' || isReleased(position);
    return { instance, steals: !free, along: onPath(position) };
  });
  const [first, ...others] = choices.some(({ steals }) => !steals)
    ? choices.filter(({ steals }) => !steals)
    : choices;
  return others.reduce((best, next) => (next.along > best!.along ? next : best), first);
}
