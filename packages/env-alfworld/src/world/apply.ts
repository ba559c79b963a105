import type { Change, GroundAction } from './action.js';
import type { FactTable, Facts } from './fact-table.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * The facts after an action: what it removes goes, then what it adds comes. Texts can also ask what has been taken away: a
 * removed `p` leaves `not_p` behind, until `p` is added again. Tables that stay the same are shared; when all do, so is the
 * whole.
 */
export function applyAction(ground: GroundAction, facts: Facts, vocabulary: Vocabulary): Facts {
  const { added, removed } = ground.action.changes(ground, facts);
  let next: FactTable[] | null = null;
  const put = (predicate: string, { tuple }: Change, isPresent: boolean): void => {
    const number = vocabulary.predicate(predicate);
    if (number < 0) return;
    const before = (next ?? facts)[number]!;
    const after = isPresent ? before.with(tuple) : before.without(tuple);
    if (after === before) return;
    next ??= [...facts];
    next[number] = after;
  };
  for (const change of removed) {
    put(change.predicate, change, false);
    put(`not_${change.predicate}`, change, true);
  }
  for (const change of added) {
    put(`not_${change.predicate}`, change, false);
    put(change.predicate, change, true);
  }
  return next ?? facts;
}
