import type { BranchingDecision, TurnCost } from '@spark-rl/core';

import { decide, type LedgerView } from './decide.js';
import type { Growth } from './growth.js';
import { LostError } from './lost.js';
import { mostOfATurn } from './options.js';
import type { Path } from './path.js';
import { rateTurn } from './rate-turn.js';
import { unpayable } from './record.js';
import { replayFailed, replayTurn } from './replay-turn.js';
import type { SharedState } from './shared-state.js';
import { takeTurn, type TakenTurn } from './take-turn.js';

/** How the next turn of one path went: taken, with what the criterion asks for after it, or lost. */
export type Advance<State> =
  | {
      readonly path: Path<State>;
      readonly taken: TakenTurn<State>;
      /** The state after the turn. Its one user is the turn itself, until it is settled. */
      readonly next: SharedState<State>;
      readonly decision: BranchingDecision;
    }
  | { readonly path: Path<State>; readonly lost: LostError };

const ALONE: BranchingDecision = { width: 1 };

/**
 * Takes a path's next turn and asks the criterion. Nothing counts yet. A turn that an interrupted rollout recorded is taken as
 * recorded, and a path that it lost there is lost again.
 *
 * @param view - how the ledger stood when this turn could first begin; undefined when the turn may not fork
 */
export async function advance<State>(
  growth: Growth<State>,
  path: Path<State>,
  view: LedgerView | undefined,
): Promise<Advance<State>> {
  const { options, record, context, key, id } = growth;
  const { criterion, settings, profile } = options;
  const recorded = record.turn(path.id);
  const leaf = recorded === undefined ? record.leaf(path.id) : undefined;
  if (leaf?.lostTo !== undefined)
    return { path, lost: new LostError(leaf.lostTo, leaf.error ?? 'lost') };
  try {
    const taken =
      recorded === undefined
        ? await takeTurn(context, path)
        : await replayTurn(context, path, recorded, id);
    // Kept from the beginning: whatever happens before the turn is settled, the state is released in the end.
    const next = growth.states.share(taken.state, 1);
    const turn = recorded === undefined ? await rateTurn(context, path, taken.turn) : taken.turn;
    const rated = { ...taken, turn };
    if (view === undefined || criterion.maxWidth <= 1)
      return { path, taken: rated, next, decision: ALONE };
    const limits = { maxTurns: settings.maxTurns, terminalForks: profile.terminalForks };
    const decision = decide(criterion, turn, [...path.turns, turn], limits, view, key);
    return {
      path,
      taken: rated,
      next,
      decision: recorded === undefined ? decision : { ...decision, width: recorded.requestedWidth },
    };
  } catch (error) {
    if (!(error instanceof LostError)) throw error;
    if (recorded !== undefined) throw replayFailed(id, recorded.id, error);
    return { path, lost: error };
  }
}

/** Whether the episode may go on after a turn that was taken. */
export const isOpen = <State>(growth: Growth<State>, advanced: Advance<State>): boolean =>
  'taken' in advanced &&
  advanced.taken.turn.next.status === 'running' &&
  advanced.taken.turn.index + 1 < growth.options.settings.maxTurns;

/** What a turn is charged: what it took or, when it was lost, the most that it may have taken. */
function costOf<State>(growth: Growth<State>, advanced: Advance<State>): TurnCost {
  const { options } = growth;
  if ('taken' in advanced) {
    const { generation, rating } = advanced.taken.turn;
    // A rating that never came may have cost the most.
    const rated = rating?.tokens ?? options.rater?.maxTokens ?? 0;
    return { tokens: generation.responseTokens.length + rated, steps: 1 };
  }
  return advanced.lost.lostTo === 'task' ? { tokens: 0, steps: 0 } : mostOfATurn(options);
}

/**
 * Pays for turns, in the order of their paths, and then reserves the next turn of every path that goes on.
 *
 * @returns for each, whether its path goes on: the episode does, and the budget has room for another turn
 */
export function pay<State>(
  growth: Growth<State>,
  advances: readonly Advance<State>[],
): readonly boolean[] {
  const { ledger, record } = growth;
  const { turns } = ledger;
  if (turns === undefined) return advances.map((advanced) => isOpen(growth, advanced));
  for (const advanced of advances) turns.settle(costOf(growth, advanced), 'lost' in advanced);
  return advances.map((advanced) => {
    if (!isOpen(growth, advanced)) return false;
    // Under a budget of time, what was cut off before an interruption stays so.
    if (record.leaf(advanced.path.id)?.outcome === 'truncated') return false;
    if (turns.reserve()) return true;
    if (record.goesOn(advanced.path.id)) throw unpayable(growth.id, advanced.path.id, 1);
    return false;
  });
}
