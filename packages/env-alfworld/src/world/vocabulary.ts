import { InvalidInputError } from '@spark-rl/core';

import type { Domain } from '../pddl/domain.js';
import type { Problem } from '../pddl/problem.js';
import { ROOT_TYPE } from '../pddl/typed-list.js';

/** Names as numbers: the objects of a game in ascending order of their names, and the predicates that anything reads. */
export interface Vocabulary {
  /** Object names; the number of an object is its place here. */
  readonly objects: readonly string[];
  /** The declared type of each object. */
  readonly types: readonly string[];
  /** The number of an object; a number that no fact holds for a name that is not declared. */
  readonly object: (name: string) => number;
  /** The number of a predicate, or -1 when nothing reads it. */
  readonly predicate: (name: string) => number;
  readonly predicates: readonly string[];
  /** 1 for each object that is of a type or of one of its subtypes; nothing is of a type that the domain does not declare. */
  readonly members: (type: string) => Uint8Array;
  /** All types below a type, however deep, in order of their names; never the type itself. */
  readonly subtypes: (type: string) => readonly string[];
}

/**
 * The predicate under which a game keeps what texts are told of `predicate`, where that can differ from what holds: the original
 * tells texts of conditional effects whether or not they happen.
 */
export const toldPredicate = (predicate: string): string => `told ${predicate}`;

/**
 * Numbers the objects of a problem and the predicates that are read.
 *
 * @throws InvalidInputError when an object has a type that the domain does not declare
 */
export function createVocabulary(
  domain: Domain,
  problem: Problem,
  readPredicates: ReadonlySet<string>,
): Vocabulary {
  const declared = [...domain.constants, ...problem.objects];
  declared.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const objects = declared.map(({ name }) => name);
  const types = declared.map(({ type }) => type);
  const objectNumbers = new Map(objects.map((name, i) => [name, i]));
  if (objectNumbers.size !== objects.length) {
    throw new InvalidInputError('pddl_problem: an object is also a constant of the domain', {
      field: 'pddl_problem',
      remedy: 'Leave this game out: ALFWorld cannot play it either.',
    });
  }
  for (const { name, type } of declared) {
    if (!domain.supertypes.has(type)) {
      throw new InvalidInputError(`pddl_problem: object ${name} is of the unknown type ${type}`, {
        field: 'pddl_problem',
        value: type,
        remedy: 'Declare the type in the domain, or leave this game out.',
      });
    }
  }
  const predicates = [...readPredicates];
  const predicateNumbers = new Map(predicates.map((name, i) => [name, i]));
  const membership = new Map<string, Uint8Array>();
  const known = [...domain.supertypes.keys()].sort();
  return {
    objects,
    types,
    subtypes: (type) => known.filter((other) => other !== type && isA(other, type, domain)),
    predicates,
    object: (name) => objectNumbers.get(name) ?? objects.length,
    predicate: (name) => predicateNumbers.get(name) ?? -1,
    members: (type) => {
      let members = membership.get(type);
      if (members === undefined) {
        const isKnown = domain.supertypes.has(type);
        members = Uint8Array.from(types, (own) => (isKnown && isA(own, type, domain) ? 1 : 0));
        membership.set(type, members);
      }
      return members;
    },
  };
}

function isA(type: string, ancestor: string, domain: Domain): boolean {
  if (ancestor === ROOT_TYPE) return true;
  // Bounded by the number of types, in case the declarations run in a circle.
  let current = type;
  for (let i = 0; i <= domain.supertypes.size; i++) {
    if (current === ancestor) return true;
    current = domain.supertypes.get(current) ?? ROOT_TYPE;
  }
  return false;
}
