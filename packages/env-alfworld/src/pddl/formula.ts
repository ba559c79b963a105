import { pddlError, type SExpression } from './s-expression.js';
import { parseTypedList, type TypedName } from './typed-list.js';

/** A predicate over terms. A term is a variable (it begins with `?`) or the name of an object. */
export interface Atom {
  readonly predicate: string;
  readonly terms: readonly string[];
}

/**
 * A condition in negation normal form: `not` stands only before atoms and equations. `none` says that no assignment of its
 * variables satisfies its body: it is what `forall` and a negated `exists` become.
 */
export type Formula =
  | { readonly kind: 'atom'; readonly atom: Atom; readonly negated: boolean }
  | { readonly kind: 'equal'; readonly terms: readonly [string, string]; readonly negated: boolean }
  | { readonly kind: 'and'; readonly parts: readonly Formula[] }
  | { readonly kind: 'or'; readonly parts: readonly Formula[] }
  | { readonly kind: 'exists'; readonly variables: readonly TypedName[]; readonly body: Formula }
  | { readonly kind: 'none'; readonly variables: readonly TypedName[]; readonly body: Formula };

/** The formula that is always true. */
export const TRUE: Formula = { kind: 'and', parts: [] };

/** Whether a formula is {@link TRUE} as it is written. */
export const isTrue = (formula: Formula): boolean =>
  formula.kind === 'and' && formula.parts.every(isTrue);

/** Which name a bound variable goes by: quantifiers may reuse a name, formulas never do. */
export type Scope = ReadonlyMap<string, string>;

/** Hands out variable names that occur nowhere else in the same text. */
export class FreshNames {
  private readonly taken = new Set<string>();

  /** Renames variables that the text has met before, in this scope or in another: formulas are taken apart and joined anew. */
  bind(
    variables: readonly TypedName[],
    scope: Scope,
  ): { readonly variables: readonly TypedName[]; readonly scope: Scope } {
    const inner = new Map(scope);
    const renamed = variables.map(({ name, type }) => {
      const fresh = this.taken.has(name) ? `${name}@${this.taken.size}` : name;
      this.taken.add(fresh);
      inner.set(name, fresh);
      return { name: fresh, type };
    });
    return { variables: renamed, scope: inner };
  }
}

/** Reads the terms of an atom and gives variables the names of their scope. */
export function parseAtom(expression: readonly SExpression[], scope: Scope, what: string): Atom {
  const [predicate, ...rest] = expression;
  if (typeof predicate !== 'string') throw pddlError(what, 'expected a predicate', expression);
  const terms = rest.map((term) => {
    if (typeof term !== 'string') throw pddlError(what, 'expected a name', expression);
    const bound = scope.get(term);
    if (bound === undefined && term.startsWith('?')) {
      throw pddlError(what, `unknown variable ${term}`, expression);
    }
    return bound ?? term;
  });
  return { predicate, terms };
}

/**
 * Parses a condition: `and`, `or`, `not`, `imply`, `exists`, `forall`, `=` and atoms; `()` is true.
 *
 * @param negated - whether to parse the negation of the expression
 */
export function parseFormula(
  expression: SExpression,
  scope: Scope,
  names: FreshNames,
  what: string,
  negated = false,
): Formula {
  if (typeof expression === 'string') throw pddlError(what, 'expected a condition', expression);
  const [head, ...rest] = expression;
  if (head === undefined) return negated ? { kind: 'or', parts: [] } : TRUE;
  const parse = (part: SExpression, negate: boolean): Formula =>
    parseFormula(part, scope, names, what, negate);
  switch (head) {
    case 'and':
    case 'or': {
      const parts = rest.map((part) => parse(part, negated));
      if (parts.length === 1) return parts[0]!;
      return { kind: (head === 'and') === negated ? 'or' : 'and', parts };
    }
    case 'not':
      return parse(only(rest, expression, what), !negated);
    case 'imply': {
      const [premise, conclusion] = rest;
      if (premise === undefined || conclusion === undefined) {
        throw pddlError(what, 'imply needs two conditions', expression);
      }
      const parts = [parse(premise, !negated), parse(conclusion, negated)];
      return { kind: negated ? 'and' : 'or', parts };
    }
    case 'exists':
    case 'forall': {
      const [list, body] = rest;
      if (!Array.isArray(list) || body === undefined) {
        throw pddlError(what, `${head} needs variables and a condition`, expression);
      }
      const bound = names.bind(parseTypedList(list, what), scope);
      // exists and not-forall look for a witness; forall and not-exists rule one out.
      const isWitness = (head === 'exists') !== negated;
      return {
        kind: isWitness ? 'exists' : 'none',
        variables: bound.variables,
        body: parseFormula(body, bound.scope, names, what, head === 'forall'),
      };
    }
    case '=': {
      const { terms } = parseAtom(expression, scope, what);
      const [left, right] = terms;
      if (left === undefined || right === undefined) {
        throw pddlError(what, '= needs two terms', expression);
      }
      return { kind: 'equal', terms: [left, right], negated };
    }
    default:
      return { kind: 'atom', atom: parseAtom(expression, scope, what), negated };
  }
}

function only(parts: readonly SExpression[], whole: SExpression, what: string): SExpression {
  if (parts.length !== 1) throw pddlError(what, 'expected exactly one condition', whole);
  return parts[0]!;
}

/** Calls `visit` for every atom in a formula. */
export function forEachAtom(formula: Formula, visit: (atom: Atom) => void): void {
  if (formula.kind === 'atom') visit(formula.atom);
  else if (formula.kind === 'and' || formula.kind === 'or') {
    for (const part of formula.parts) forEachAtom(part, visit);
  } else if (formula.kind !== 'equal') forEachAtom(formula.body, visit);
}

/** The variables of a formula that it does not bind itself. */
export function freeVariables(formula: Formula, found = new Set<string>()): Set<string> {
  const add = (terms: readonly string[]): void => {
    for (const term of terms) if (term.startsWith('?')) found.add(term);
  };
  if (formula.kind === 'atom') add(formula.atom.terms);
  else if (formula.kind === 'equal') add(formula.terms);
  else if (formula.kind === 'and' || formula.kind === 'or') {
    for (const part of formula.parts) freeVariables(part, found);
  } else {
    for (const variable of freeVariables(formula.body)) {
      // Names are unique in a formula, so a bound variable occurs nowhere outside.
      if (!formula.variables.some(({ name }) => name === variable)) found.add(variable);
    }
  }
  return found;
}
