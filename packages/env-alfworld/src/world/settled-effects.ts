import { conjunctionsOf, type Conjunction } from '../pddl/conjunction.js';
import { isPlain, type Effect } from '../pddl/effect.js';
import { compileLiteral, isSameTuple, type Literal } from './literal.js';
import type { Frame, SearchCompiler } from './search.js';

/** Whether a satisfied precondition leaves an effect nothing to do. */
export type SettledTest = (frame: Frame) => boolean;

/** The test of an effect that is never settled. */
export const never: SettledTest = () => false;

/**
 * For each effect of an action: whether one of its preconditions settles it beforehand. It does when the effect repeats the
 * precondition, when the effect's own condition contradicts it, or when the effect takes away what the same action always adds.
 * The planner under ALFWorld leaves such effects out of an action, and actions without other effects out of the game.
 */
export function settledTests(
  condition: Conjunction,
  effects: readonly Effect[],
  compiler: SearchCompiler,
): readonly SettledTest[] {
  const required = literalsOf(condition, compiler);
  const added = effects
    .filter((effect) => effect.add && isPlain(effect))
    .map(({ atom }) => compileLiteral(atom, true, compiler));
  return effects.map((effect) => {
    // A forall has an effect for each object; some of them nearly always change something.
    if (effect.variables.length > 0) return never;
    const literal = compileLiteral(effect.atom, effect.add, compiler);
    const repeats = required.filter((other) => isAlike(other, literal, true));
    const overruled = effect.add ? [] : added.filter((other) => isAlike(other, literal, false));
    const contradictions = conjunctionsOf(effect.condition).map((alternative) =>
      literalsOf(alternative, compiler).flatMap((wanted) =>
        required
          .filter((other) => isAlike(other, wanted, false))
          .map((other) => [wanted, other] as const),
      ),
    );
    const candidates = [...repeats, ...overruled];
    const mayContradict = contradictions.every((pairs) => pairs.length > 0);
    if (candidates.length === 0 && !mayContradict) return never;
    return (frame) => {
      const tuple = literal.instance(frame);
      if (candidates.some((other) => isSameTuple(other.instance(frame), tuple))) return true;
      return (
        mayContradict &&
        contradictions.every((pairs) =>
          pairs.some(([a, b]) => isSameTuple(a.instance(frame), b.instance(frame))),
        )
      );
    };
  });
}

/** The literals that must hold in a conjunction; its disjunctions and quantifiers are left out. */
const literalsOf = (conjunction: Conjunction, compiler: SearchCompiler): readonly Literal[] => [
  ...conjunction.atoms.map((atom) => compileLiteral(atom, true, compiler)),
  ...conjunction.filters.flatMap((filter) =>
    filter.kind === 'atom' ? [compileLiteral(filter.atom, !filter.negated, compiler)] : [],
  ),
];

const isAlike = (a: Literal, b: Literal, samePolarity: boolean): boolean =>
  a.predicate === b.predicate && (a.positive === b.positive) === samePolarity;
