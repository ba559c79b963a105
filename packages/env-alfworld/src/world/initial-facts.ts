import { InvalidInputError } from '@spark-rl/core';

import type { Problem } from '../pddl/problem.js';
import type { Entity } from '../text/expression.js';
import { FactTable, type Facts, type Tuple } from './fact-table.js';
import { entityNames } from './names.js';
import { toldPredicate, type Vocabulary } from './vocabulary.js';

/**
 * The facts of the start, for every predicate that anything reads.
 *
 * @throws InvalidInputError when a fact speaks of an object that is not declared
 */
export function initialFacts(vocabulary: Vocabulary, problem: Problem): Facts {
  const tuples: Tuple[][] = vocabulary.predicates.map(() => []);
  for (const { predicate, terms } of problem.facts) {
    const tuple = terms.map((term) => {
      const object = vocabulary.object(term);
      if (object === vocabulary.objects.length) {
        throw new InvalidInputError(`pddl_problem: ${term} in (${predicate} ...) is not declared`, {
          field: 'pddl_problem',
          value: term,
          remedy: 'Declare the object, or take the file from its source again.',
        });
      }
      return object;
    });
    tuples[vocabulary.predicate(predicate)]?.push(tuple);
    tuples[vocabulary.predicate(toldPredicate(predicate))]?.push(tuple);
  }
  return tuples.map((list) => FactTable.from(list));
}

/** How texts speak of each object, by number. Objects that no initial fact mentions have no name of their own. */
export function initialEntities(vocabulary: Vocabulary, problem: Problem): readonly Entity[] {
  const mentioned = new Set(problem.facts.flatMap(({ terms }) => terms));
  const names = entityNames(vocabulary.objects.filter((id) => mentioned.has(id)));
  return vocabulary.objects.map((id, i) => ({
    id,
    name: names.get(id) ?? id,
    type: vocabulary.types[i]!,
  }));
}
