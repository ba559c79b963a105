import type { Turn } from '@spark-rl/core';

/** How well responses keep the grammar, and which modes they use. Shares of nothing are 0. */
export interface FormatStatistics {
  readonly turns: number;
  /** The share of turns whose response keeps the grammar. */
  readonly validShare: number;
  /** The share of turns in each mode; responses in none are in no share. */
  readonly modeShares: Readonly<Record<string, number>>;
  /** How often each reason made a response invalid, the commonest first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  /** At each turn index, from 0: how many turns, the share of them that is valid, and the share that explores. */
  readonly byTurn: readonly {
    readonly turns: number;
    readonly validShare: number;
    readonly exploreShare: number;
  }[];
}

type Responding = Pick<Turn, 'index' | 'response'>;

const share = (of: readonly Responding[], which: (turn: Responding) => boolean): number =>
  of.length === 0 ? 0 : of.filter(which).length / of.length;

/**
 * What a policy's responses look like: taken of rollouts before and after the warm-up, it says whether the format was learned and where the
 * agent explores. Give it the turns of trees: `trees.flatMap((tree) => [...tree.turns.values()])`; every turn counts once, however many
 * paths share it.
 */
export function describeFormat(turns: Iterable<Responding>): FormatStatistics {
  const all = [...turns];
  const modes = new Set(all.flatMap(({ response: { mode } }) => (mode === null ? [] : [mode])));
  const reasons = new Map<string, number>();
  for (const { response } of all) {
    if (response.reason !== undefined)
      reasons.set(response.reason, (reasons.get(response.reason) ?? 0) + 1);
  }
  const depth = all.reduce((most, { index }) => Math.max(most, index + 1), 0);
  return {
    turns: all.length,
    validShare: share(all, ({ response }) => response.valid),
    modeShares: Object.fromEntries(
      [...modes].sort().map((mode) => [mode, share(all, ({ response }) => response.mode === mode)]),
    ),
    reasons: [...reasons]
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
    byTurn: Array.from({ length: depth }, (_, index) => {
      const there = all.filter((turn) => turn.index === index);
      return {
        turns: there.length,
        validShare: share(there, ({ response }) => response.valid),
        exploreShare: share(there, ({ response }) => response.mode === 'explore'),
      };
    }),
  };
}
