import type { ExpertExamples } from './expert-examples.js';

/** How examples are made up: worth a look before training on them. */
export interface ExampleStatistics {
  readonly episodes: number;
  readonly rows: number;
  readonly turns: number;
  /** Tokens of all rows. */
  readonly tokens: number;
  /** Response tokens: what is trained. */
  readonly trainedTokens: number;
  readonly longestRow: number;
  readonly meanResponse: number;
  readonly longestResponse: number;
  /** The share of turns in each mode. */
  readonly modeShares: Readonly<Record<string, number>>;
  /** At each turn index, from 0: how many episodes reach it, and the share of them that explores there. */
  readonly byTurn: readonly { readonly turns: number; readonly exploreShare: number }[];
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const largest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

/** Counts episodes, tokens, response lengths, and who explores when. Shares and means of nothing are 0. */
export function describeExamples({ rows, turns }: ExpertExamples): ExampleStatistics {
  const responses = turns.map(({ responseTokens }) => responseTokens.length);
  const modes = [...new Set(turns.map(({ mode }) => mode))].sort();
  const depth = largest(turns.map(({ index }) => index + 1));
  const share = (mode: string, of: readonly { readonly mode: string }[]): number =>
    of.length === 0 ? 0 : of.filter((turn) => turn.mode === mode).length / of.length;
  return {
    episodes: new Set(turns.map(({ episode }) => episode)).size,
    rows: rows.length,
    turns: turns.length,
    tokens: sum(rows.map(({ tokens }) => tokens.length)),
    trainedTokens: sum(responses),
    longestRow: largest(rows.map(({ tokens }) => tokens.length)),
    meanResponse: turns.length === 0 ? 0 : sum(responses) / turns.length,
    longestResponse: largest(responses),
    modeShares: Object.fromEntries(modes.map((mode) => [mode, share(mode, turns)])),
    byTurn: Array.from({ length: depth }, (_, index) => {
      const there = turns.filter((turn) => turn.index === index);
      return { turns: there.length, exploreShare: share('explore', there) };
    }),
  };
}
