import type { GroundAction } from './action.js';
import type { FactTable, Facts, Tuple } from './fact-table.js';
import { toldPredicate, type Vocabulary } from './vocabulary.js';

/**
 * The facts after an action: what it removes goes, then what it adds comes. Texts can also ask what has been taken away: a
 * removed `p` leaves `not_p` behind, until `p` is added again. Where texts are told something else of `p` than what holds (see
 * {@link toldPredicate}), that is kept beside it. Tables that stay the same are shared; when all do, so is the whole.
 */
export function applyAction(ground: GroundAction, facts: Facts, vocabulary: Vocabulary): Facts {
  const { added, removed, told } = ground.action.changes(ground, facts);
  let next: FactTable[] | null = null;
  const put = (predicate: string, tuple: Tuple, isPresent: boolean): void => {
    const number = vocabulary.predicate(predicate);
    if (number < 0) return;
    const before = (next ?? facts)[number]!;
    const after = isPresent ? before.with(tuple) : before.without(tuple);
    if (after === before) return;
    next ??= [...facts];
    next[number] = after;
  };
  for (const { predicate, tuple } of removed) put(predicate, tuple, false);
  for (const { predicate, tuple } of added) put(predicate, tuple, true);
  for (const { predicate, tuple, holds } of told) {
    put(toldPredicate(predicate), tuple, holds);
    put(`not_${predicate}`, tuple, !holds);
  }
  return next ?? facts;
}
