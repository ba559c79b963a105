/** A turn that may fork. */
interface Candidate {
  readonly width: number;
  readonly score: number;
}

/**
 * Where a path forks when `free` leaves are free: each turn that asks for width b > 1 takes `min(b - 1, what is left)` leaves, as
 * the ledger grants them, until none are left.
 *
 * @param turns - in time order
 * @param order - who is served first: `time`, as in a rollout; or `score`, the largest first, as if all turns could be seen at
 *   once (ties in time order)
 * @returns for each turn, whether it forks
 */
export function budgetedForks(
  turns: readonly Candidate[],
  free: number,
  order: 'time' | 'score',
): readonly boolean[] {
  const queue = turns.map((turn, at) => ({ ...turn, at })).filter(({ width }) => width > 1);
  if (order === 'score') queue.sort((a, b) => b.score - a.score || a.at - b.at);
  const forks = turns.map(() => false);
  let left = free;
  for (const { width, at } of queue) {
    if (left === 0) break;
    left -= Math.min(width - 1, left);
    forks[at] = true;
  }
  return forks;
}

/** What an oracle with as many forks would gain: the sum of the `forks` largest importances. */
export const oracleGain = (importances: readonly number[], forks: number): number =>
  [...importances]
    .sort((a, b) => b - a)
    .slice(0, forks)
    .reduce((total, importance) => total + importance, 0);
