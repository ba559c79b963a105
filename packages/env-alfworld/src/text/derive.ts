import { EnvironmentError } from '@spark-rl/core';

import type { Facts, Tuple } from '../world/fact-table.js';
import type { Condition, Placeholder } from './condition.js';
import type { Entity } from './expression.js';
import type { TextGrammar } from './grammar-file.js';
import type { Signature } from './signatures.js';
import type { Piece, Template } from './template.js';

/** Which objects the variables of a text stand for; the newest binding of a name counts. */
export interface TextScope extends Placeholder {
  readonly object: number;
  /** As what the object is known: its own type, or the type of an action's parameter. Facts speak of objects by their own types. */
  readonly knownAs: string;
  readonly outer: TextScope | null;
}

/** All that texts speak of, but the facts. */
export interface TextWorld {
  readonly grammar: TextGrammar;
  /** By object number. */
  readonly entities: readonly Entity[];
  /** The number of a predicate among the facts. */
  readonly predicate: (name: string) => number;
  /** 1 for each object of a type. */
  readonly members: (type: string) => Uint8Array;
  /** The signatures whose facts answer a query for these types, in order; see {@link signaturesOf}. */
  readonly signatures: (types: Signature) => readonly Signature[];
}

const deepest = 200;

/**
 * Writes a template out.
 *
 * `#symbol#` is replaced by the first of its rules whose condition holds; what the condition binds is not handed on. A query
 * takes the facts of its predicates in the order of their arguments' names, and different variables stand for different objects.
 * A list of n items is `#list_empty#`, the item, or the items with `#list_separator#` and, before the last,
 * `#list_last_separator#`.
 *
 * @throws EnvironmentError when a symbol has no rule that applies, or when rules call each other for ever
 */
export function derive(
  template: Template,
  scope: TextScope | null,
  world: TextWorld,
  facts: Facts,
  depth = 0,
): string {
  let text = '';
  for (const piece of template) text += derivePiece(piece, scope, world, facts, depth);
  return text;
}

function derivePiece(
  piece: Piece,
  scope: TextScope | null,
  world: TextWorld,
  facts: Facts,
  depth: number,
): string {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'symbol':
      return deriveSymbol(piece.symbol, scope, world, facts, depth);
    case 'value':
      return piece.value((variable) => entityOf(variable, scope, world));
    case 'each': {
      const items: string[] = [];
      const write = (inner: TextScope | null): boolean => {
        items.push(derivePiece(piece.content, inner, world, facts, depth));
        return false;
      };
      if (piece.query === null) write(scope);
      else assign(piece.query, 0, scope, world, facts, write);
      if (!piece.isList) return items.join('');
      const say = (symbol: string): string => deriveSymbol(symbol, scope, world, facts, depth);
      if (items.length === 0) return say('list_empty');
      if (items.length === 1) return items[0]!;
      return `${items.slice(0, -1).join(say('list_separator'))}${say('list_last_separator')}${items.at(-1)!}`;
    }
  }
}

function deriveSymbol(
  symbol: string,
  scope: TextScope | null,
  world: TextWorld,
  facts: Facts,
  depth: number,
): string {
  const rules = world.grammar.rules.get(symbol) ?? [];
  const rule = rules.find(
    ({ condition }) => condition === null || assign(condition, 0, scope, world, facts, () => true),
  );
  if (rule === undefined || depth > deepest) {
    const problem = rule === undefined ? 'has no rule that applies' : 'calls itself for ever';
    throw new EnvironmentError(`the grammar's symbol #${symbol}# ${problem}`, {
      field: 'grammar',
      value: symbol,
      remedy: 'Repair the grammar, or take the game file from its source again.',
    });
  }
  return derive(rule.text, scope, world, facts, depth + 1);
}

function entityOf(variable: string, scope: TextScope | null, world: TextWorld): Entity {
  for (let at = scope; at !== null; at = at.outer) {
    if (at.name === variable) return world.entities[at.object]!;
  }
  throw new EnvironmentError(`the grammar speaks of ${variable}, which stands for nothing there`, {
    field: 'grammar',
    value: variable,
    remedy: 'Use a parameter of the action or a variable of the query.',
  });
}

/** Calls `found` for each way to satisfy `condition` from `position` on, until it returns true. */
function assign(
  condition: Condition,
  position: number,
  scope: TextScope | null,
  world: TextWorld,
  facts: Facts,
  found: (scope: TextScope | null) => boolean,
): boolean {
  const atom = condition[position];
  if (atom === undefined) return found(scope);
  const table = facts[world.predicate(atom.predicate)];
  if (table === undefined) return false;
  const known = atom.arguments.map((placeholder) => objectOf(placeholder, scope, world));
  if (known.includes(UNSPOKEN)) return false;
  const key = known.findIndex((object) => object >= 0);
  const sorted = key < 0 ? table.tuples : table.matching(key, known[key]!);
  const types = atom.arguments.map(({ type }) => type);
  const isOfTypes = (tuple: Tuple, signature: Signature): boolean =>
    signature.every((type, i) => world.entities[tuple[i]!]!.type === type);
  // Facts about objects of subtypes come after those about objects of the very types; there are hardly ever any.
  const candidates = sorted.every((tuple) => isOfTypes(tuple, types))
    ? sorted
    : world
        .signatures(types)
        .flatMap((wanted) => sorted.filter((tuple) => isOfTypes(tuple, wanted)));
  candidates: for (const tuple of candidates) {
    let inner = scope;
    for (let i = 0; i < atom.arguments.length; i++) {
      const placeholder = atom.arguments[i]!;
      const object = tuple[i]!;
      if (world.members(placeholder.type)[object] !== 1) continue candidates;
      const bound = objectOf(placeholder, inner, world);
      if (bound >= 0) {
        if (bound !== object) continue candidates;
      } else {
        if (isTaken(object, inner, world)) continue candidates;
        const knownAs = world.entities[object]!.type;
        inner = { name: placeholder.name, type: placeholder.type, object, knownAs, outer: inner };
      }
    }
    if (assign(condition, position + 1, inner, world, facts, found)) return true;
  }
  return false;
}

/** What {@link objectOf} says of a variable that is bound to an object as something else than its own type. */
const UNSPOKEN = -2;

/** The object that a variable is bound to, or -1. No fact speaks of an object that is known as another type than its own. */
function objectOf(placeholder: Placeholder, scope: TextScope | null, world: TextWorld): number {
  for (let at = scope; at !== null; at = at.outer) {
    if (at.name !== placeholder.name || at.type !== placeholder.type) continue;
    return at.knownAs === world.entities[at.object]!.type ? at.object : UNSPOKEN;
  }
  return -1;
}

function isTaken(object: number, scope: TextScope | null, world: TextWorld): boolean {
  const { type } = world.entities[object]!;
  for (let at = scope; at !== null; at = at.outer) {
    if (at.object === object && at.knownAs === type) return true;
  }
  return false;
}
