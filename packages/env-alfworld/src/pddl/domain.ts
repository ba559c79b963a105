import { conjunctionsOf, type Conjunction } from './conjunction.js';
import { parseEffect, type Effect } from './effect.js';
import { forEachAtom, FreshNames, isTrue, parseFormula } from './formula.js';
import { parseSExpression, pddlError, type SExpression } from './s-expression.js';
import { parseTypedList, ROOT_TYPE, type TypedName } from './typed-list.js';

/** What an agent may do, with free parameters. */
export interface ActionSchema {
  readonly name: string;
  readonly parameters: readonly TypedName[];
  /** The action applies when one of these holds. */
  readonly conditions: readonly Conjunction[];
  readonly effects: readonly Effect[];
  /** The predicates that the preconditions look at. */
  readonly tested: ReadonlySet<string>;
}

/** A PDDL domain. */
export interface Domain {
  readonly name: string;
  /** Each declared type with its supertype; {@link ROOT_TYPE} is always there. */
  readonly supertypes: ReadonlyMap<string, string>;
  readonly constants: readonly TypedName[];
  readonly actions: readonly ActionSchema[];
  /** The predicates that some action changes; facts of all others never change. */
  readonly fluents: ReadonlySet<string>;
  /** The predicates that some effect changes only under a condition. */
  readonly conditional: ReadonlySet<string>;
  /** The predicates that a precondition, or the condition of an effect, looks at. */
  readonly tested: ReadonlySet<string>;
}

const what = 'pddl_domain';

/**
 * Parses a PDDL domain: the ADL subset described in the README. `:predicates`, `:functions` and `:requirements` are skipped:
 * predicates are known by their use, and costs do not change play.
 *
 * @throws InvalidInputError naming the expression that is not understood
 */
export function parseDomain(text: string): Domain {
  const root = parseSExpression(text, what);
  const [define, header, ...sections] = root;
  if (define !== 'define' || !Array.isArray(header) || header[0] !== 'domain') {
    throw pddlError(what, 'expected (define (domain ...) ...)', root);
  }
  const supertypes = new Map([[ROOT_TYPE, ROOT_TYPE]]);
  const constants: TypedName[] = [];
  const actions: ActionSchema[] = [];
  for (const section of sections) {
    if (typeof section === 'string') throw pddlError(what, 'expected a section', section);
    const [keyword, ...body] = section;
    switch (keyword) {
      case ':types':
        for (const { name, type } of parseTypedList(body, what)) {
          if (name !== ROOT_TYPE) supertypes.set(name, type);
        }
        break;
      case ':constants':
        constants.push(...parseTypedList(body, what));
        break;
      case ':action':
        actions.push(parseAction(section));
        break;
      case ':requirements':
      case ':predicates':
      case ':functions':
        break;
      default:
        throw pddlError(what, 'unsupported section', section);
    }
  }
  const name = typeof header[1] === 'string' ? header[1] : '';
  return { name, supertypes, constants, actions, ...usage(actions) };
}

function parseAction(section: readonly SExpression[]): ActionSchema {
  const [, name, ...rest] = section;
  if (typeof name !== 'string') throw pddlError(what, 'expected the name of an action', section);
  const fields = new Map<string, SExpression>();
  for (let i = 0; i < rest.length; i += 2) {
    const key = rest[i];
    const value = rest[i + 1];
    if (typeof key !== 'string' || value === undefined) {
      throw pddlError(what, `action ${name}: expected a keyword and its value`, section);
    }
    fields.set(key, value);
  }
  const list = fields.get(':parameters') ?? [];
  if (typeof list === 'string') throw pddlError(what, 'expected a list of parameters', section);
  const names = new FreshNames();
  const { variables: parameters, scope } = names.bind(parseTypedList(list, what), new Map());
  const here = `${what}, action ${name}`;
  const condition = parseFormula(fields.get(':precondition') ?? [], scope, names, here);
  const effects = parseEffect(fields.get(':effect') ?? [], scope, names, here);
  const changed = new Set(effects.map(({ atom }) => atom.predicate));
  const tested = new Set<string>();
  forEachAtom(condition, ({ predicate }) => tested.add(predicate));
  return { name, parameters, conditions: conjunctionsOf(condition, changed), effects, tested };
}

function usage(
  actions: readonly ActionSchema[],
): Pick<Domain, 'fluents' | 'conditional' | 'tested'> {
  const fluents = new Set<string>();
  const conditional = new Set<string>();
  const tested = new Set(actions.flatMap((action) => [...action.tested]));
  for (const { atom, condition } of actions.flatMap(({ effects }) => effects)) {
    fluents.add(atom.predicate);
    if (!isTrue(condition)) conditional.add(atom.predicate);
    forEachAtom(condition, ({ predicate }) => tested.add(predicate));
  }
  return { fluents, conditional, tested };
}
