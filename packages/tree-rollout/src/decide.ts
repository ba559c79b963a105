import {
  InvalidInputError,
  randomSource,
  type BranchingContext,
  type BranchingCriterion,
  type BranchingDecision,
  type Ledger,
  type RandomKey,
  type RandomSource,
  type Turn,
} from '@spark-rl/core';

const ALONE: BranchingDecision = { width: 1 };

/** Opens a stream when it is first drawn from: most criteria never do, and opening one hashes a key. */
export function lazySource(key: RandomKey): RandomSource {
  let opened: RandomSource | undefined;
  const source = (): RandomSource => (opened ??= randomSource(key));
  return {
    uniform: () => source().uniform(),
    integer: (bound) => source().integer(bound),
    normal: () => source().normal(),
    pick: (items) => source().pick(items),
    shuffle: (items) => source().shuffle(items),
  };
}

/** How a ledger stood at a moment that does not tell who answered first. */
export type LedgerView = Pick<BranchingContext, 'account' | 'resources'>;

export const viewOf = (ledger: Ledger): LedgerView => ({
  account: ledger.account(),
  resources: ledger.turns?.accounts() ?? {},
});

/**
 * What the criterion asks for after a turn. A turn that ended its path is not asked about, be it by the environment or as the
 * last one allowed, unless the profile lets such turns fork: its children could never take a turn.
 *
 * @param view - the ledger as it stood when the last turn that all paths shared began
 * @throws InvalidInputError when the criterion asks for a width outside [1, maxWidth], or its priority is no number
 */
export function decide(
  criterion: BranchingCriterion,
  turn: Turn,
  path: readonly Turn[],
  limits: { readonly maxTurns: number; readonly terminalForks: boolean },
  view: LedgerView,
  key: RandomKey,
): BranchingDecision {
  const { status } = turn.next;
  const { maxTurns, terminalForks } = limits;
  const ended = status !== 'running' || turn.index + 1 >= maxTurns;
  if (criterion.maxWidth <= 1 || (ended && !terminalForks)) return ALONE;
  const decision = criterion.decide({
    turn,
    path,
    turnIndex: turn.index,
    maxTurns,
    status,
    ...view,
    random: lazySource([...key, 'node', turn.id, 'criterion']),
  });
  const { width, priority } = decision;
  if (!Number.isInteger(width) || width < 1 || width > criterion.maxWidth) {
    throw new InvalidInputError(
      `criterion ${criterion.id} asked for ${width} children at turn ${turn.id}`,
      {
        field: 'width',
        value: width,
        remedy: `Ask for a whole number from 1 to its maxWidth, ${criterion.maxWidth}.`,
      },
    );
  }
  if (Number.isNaN(priority)) {
    throw new InvalidInputError(
      `criterion ${criterion.id} gave turn ${turn.id} a priority that is no number`,
      { field: 'priority', value: priority, remedy: 'Give a number, or leave it out.' },
    );
  }
  return decision;
}
