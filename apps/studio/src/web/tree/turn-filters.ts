import type { TurnView } from '../../shared/views.js';

/** Which turns stand out. */
export const TURN_FILTERS = [
  ['all', 'all turns'],
  ['explore', 'exploring'],
  ['fork', 'forks'],
  ['refused', 'refused a fork'],
  ['invalid', 'invalid'],
  ['unavailable', 'not admissible'],
  ['shared', 'shared by leaves'],
  ['success', 'on the way to success'],
] as const;
export type TurnFilter = (typeof TURN_FILTERS)[number][0];

const KEEPS: Readonly<Record<TurnFilter, (turn: TurnView) => boolean>> = {
  all: () => true,
  explore: ({ mode }) => mode === 'explore',
  fork: ({ grantedWidth }) => grantedWidth > 1,
  refused: ({ requestedWidth, grantedWidth }) => requestedWidth > grantedWidth,
  invalid: ({ valid }) => !valid,
  unavailable: ({ admissible }) => admissible === false,
  shared: ({ below }) => below.success + below.failure + below.truncated + below.failed > 1,
  success: ({ below }) => below.success > 0,
};

/** The ids of turns that stand out; undefined when all do. A search looks through responses, actions and what they led to. */
export function matchingTurns(
  turns: readonly TurnView[],
  search: string,
  filter: TurnFilter,
): ReadonlySet<string> | undefined {
  const wanted = search.trim().toLowerCase();
  if (wanted === '' && filter === 'all') return undefined;
  return new Set(
    turns
      .filter(
        (turn) =>
          KEEPS[filter](turn) &&
          (wanted === '' ||
            turn.id === wanted ||
            turn.text.toLowerCase().includes(wanted) ||
            turn.next.observation.toLowerCase().includes(wanted)),
      )
      .map(({ id }) => id),
  );
}
