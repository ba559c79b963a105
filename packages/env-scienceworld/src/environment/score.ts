import type { Status } from '@spark-rl/core';

/** Rounds to the nearest whole number, halves to the even one, as Python's `round` does. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/**
 * The official score of a raw one: 100 times it, rounded half to even.
 *
 * @param rawScore - from 0 to 1, or -1 after an action that spoilt the task
 * @returns a whole number from 0 to 100, or -100
 */
export function officialScore(rawScore: number): number {
  const score = roundHalfEven(100 * rawScore);
  // No negative zero: it would differ from zero in a replay.
  return score === 0 ? 0 : score;
}

/**
 * How an episode stands by its score: `success` at exactly 100; `failure` below 0, which only a reset of the task would undo, and
 * when the simulator calls the task completed without that score; else `running`.
 */
export function statusOf(score: number, completed: boolean): Status {
  if (score === 100) return 'success';
  return score < 0 || completed ? 'failure' : 'running';
}
