import { InvalidInputError } from '@spark-rl/core';

import { FreshNames, parseAtom, parseFormula, TRUE, type Atom, type Formula } from './formula.js';
import { parseSExpression, pddlError, type SExpression } from './s-expression.js';
import { parseTypedList, type TypedName } from './typed-list.js';

/** A PDDL problem: what is there, what holds at the start, what shall hold in the end. */
export interface Problem {
  readonly name: string;
  readonly objects: readonly TypedName[];
  /** As written, so possibly with repetitions. */
  readonly facts: readonly Atom[];
  readonly goal: Formula;
}

const what = 'pddl_problem';

/**
 * Parses a PDDL problem. Negative initial facts are skipped, because what is not stated is false; numeric ones become facts that
 * nothing reads, because costs do not change play. `:metric` and `:requirements` are skipped too.
 *
 * @throws InvalidInputError naming the expression that is not understood, or an object that is declared twice
 */
export function parseProblem(text: string): Problem {
  const root = parseSExpression(text, what);
  const [define, header, ...sections] = root;
  if (define !== 'define' || !Array.isArray(header) || header[0] !== 'problem') {
    throw pddlError(what, 'expected (define (problem ...) ...)', root);
  }
  let objects: readonly TypedName[] = [];
  let facts: readonly Atom[] = [];
  let goal = TRUE;
  for (const section of sections) {
    if (typeof section === 'string') throw pddlError(what, 'expected a section', section);
    const [keyword, ...body] = section;
    switch (keyword) {
      case ':objects':
        objects = parseTypedList(body, what);
        break;
      case ':init':
        facts = parseFacts(body);
        break;
      case ':goal':
        goal = parseFormula(body[0] ?? [], new Map(), new FreshNames(), `${what}, goal`);
        break;
      case ':domain':
      case ':requirements':
      case ':metric':
        break;
      default:
        throw pddlError(what, 'unsupported section', section);
    }
  }
  refuseDuplicates(objects);
  return { name: typeof header[1] === 'string' ? header[1] : '', objects, facts, goal };
}

const noScope = new Map<string, string>();

function parseFacts(expressions: readonly SExpression[]): readonly Atom[] {
  const facts: Atom[] = [];
  for (const expression of expressions) {
    if (typeof expression === 'string') throw pddlError(what, 'expected a fact', expression);
    const [head, subject] = expression;
    if (head === '=') {
      // A number changes nothing in play, but the objects it speaks of are counted among the named ones.
      if (!Array.isArray(subject) || subject[0] === 'total-cost') continue;
      const { predicate, terms } = parseAtom(subject, noScope, `${what}, init`);
      facts.push({ predicate: `= ${predicate}`, terms });
    } else if (head !== 'not') facts.push(parseAtom(expression, noScope, `${what}, init`));
  }
  return facts;
}

function refuseDuplicates(objects: readonly TypedName[]): void {
  const seen = new Set<string>();
  for (const { name } of objects) {
    if (seen.has(name)) {
      throw new InvalidInputError(`${what}: object ${name} is declared twice`, {
        field: what,
        value: name,
        remedy: 'Leave this game out: ALFWorld cannot play it either.',
      });
    }
    seen.add(name);
  }
}
