import { isTrue, parseAtom, parseFormula, TRUE, type Atom, type Formula } from './formula.js';
import type { FreshNames, Scope } from './formula.js';
import { pddlError, type SExpression } from './s-expression.js';
import { parseTypedList, type TypedName } from './typed-list.js';

/** One literal that an action makes true (`add`) or false, for every assignment of `variables` that satisfies `condition`. */
export interface Effect {
  readonly atom: Atom;
  readonly add: boolean;
  /** Bound by `forall`. */
  readonly variables: readonly TypedName[];
  /** From `when`; judged before the action. */
  readonly condition: Formula;
}

/** Whether an effect always happens, exactly once. */
export const isPlain = (effect: Effect): boolean =>
  effect.variables.length === 0 && isTrue(effect.condition);

/** Parses an effect: `and`, `not`, `forall`, `when` and atoms. `increase` is accepted and ignored: costs do not change play. */
export function parseEffect(
  expression: SExpression,
  scope: Scope,
  names: FreshNames,
  what: string,
): readonly Effect[] {
  if (typeof expression === 'string') throw pddlError(what, 'expected an effect', expression);
  const [head, ...rest] = expression;
  switch (head) {
    case undefined:
    case 'increase':
      return [];
    case 'and':
      return rest.flatMap((part) => parseEffect(part, scope, names, what));
    case 'not': {
      const [atom] = rest;
      if (!Array.isArray(atom)) throw pddlError(what, 'expected an atom after not', expression);
      return [{ atom: parseAtom(atom, scope, what), add: false, variables: [], condition: TRUE }];
    }
    case 'forall': {
      const [list, body] = rest;
      if (!Array.isArray(list) || body === undefined) {
        throw pddlError(what, 'forall needs variables and an effect', expression);
      }
      const bound = names.bind(parseTypedList(list, what), scope);
      return parseEffect(body, bound.scope, names, what).map((effect) => ({
        ...effect,
        variables: [...bound.variables, ...effect.variables],
      }));
    }
    case 'when': {
      const [premise, body] = rest;
      if (premise === undefined || body === undefined) {
        throw pddlError(what, 'when needs a condition and an effect', expression);
      }
      const condition = parseFormula(premise, scope, names, what);
      return parseEffect(body, scope, names, what).map((effect) => ({
        ...effect,
        condition: { kind: 'and', parts: [condition, effect.condition] },
      }));
    }
    default:
      return [
        { atom: parseAtom(expression, scope, what), add: true, variables: [], condition: TRUE },
      ];
  }
}
