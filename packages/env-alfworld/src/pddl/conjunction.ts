import { forEachAtom, freeVariables, type Atom, type Formula } from './formula.js';
import type { TypedName } from './typed-list.js';

/** A conjunction that can be answered by joining facts: atoms bind variables, filters only test them. */
export interface Conjunction {
  /** The variables that the quantifiers of the formula brought in. */
  readonly variables: readonly TypedName[];
  readonly atoms: readonly Atom[];
  /** Negated atoms, equations, ruled-out bodies and disjunctions. */
  readonly filters: readonly Formula[];
}

/**
 * Splits a formula into conjunctions, one of which must hold. A disjunction stays one filter where that is enough: when other
 * atoms bind all its variables. It is split where its alternatives must bind variables, and where it speaks of a predicate in
 * `keepApart`: whether an action changes anything depends on which of its alternatives holds.
 */
export function conjunctionsOf(
  formula: Formula,
  keepApart: ReadonlySet<string> = new Set(),
): readonly Conjunction[] {
  const conjunction = flatten(formula);
  const bound = new Set(conjunction.atoms.flatMap(({ terms }) => terms));
  const split = conjunction.filters.find(
    (filter) => filter.kind === 'or' && (mentions(filter, keepApart) || !isBoundBy(filter, bound)),
  );
  if (split?.kind !== 'or') return [conjunction];
  const rest: readonly Formula[] = [
    ...conjunction.atoms.map((atom): Formula => ({ kind: 'atom', atom, negated: false })),
    ...conjunction.filters.filter((filter) => filter !== split),
  ];
  return split.parts.flatMap((part) =>
    conjunctionsOf(
      {
        kind: 'exists',
        variables: conjunction.variables,
        body: { kind: 'and', parts: [...rest, part] },
      },
      keepApart,
    ),
  );
}

function flatten(formula: Formula): Conjunction {
  switch (formula.kind) {
    case 'atom':
      return formula.negated
        ? { variables: [], atoms: [], filters: [formula] }
        : { variables: [], atoms: [formula.atom], filters: [] };
    case 'and': {
      const parts = formula.parts.map(flatten);
      return {
        variables: parts.flatMap(({ variables }) => variables),
        atoms: parts.flatMap(({ atoms }) => atoms),
        filters: parts.flatMap(({ filters }) => filters),
      };
    }
    case 'exists': {
      const inner = flatten(formula.body);
      return { ...inner, variables: [...formula.variables, ...inner.variables] };
    }
    default:
      return { variables: [], atoms: [], filters: [formula] };
  }
}

function mentions(formula: Formula, predicates: ReadonlySet<string>): boolean {
  let found = false;
  forEachAtom(formula, ({ predicate }) => (found ||= predicates.has(predicate)));
  return found;
}

function isBoundBy(formula: Formula, bound: ReadonlySet<string>): boolean {
  for (const variable of freeVariables(formula)) if (!bound.has(variable)) return false;
  return true;
}
