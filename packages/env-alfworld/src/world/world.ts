import { InvalidInputError } from '@spark-rl/core';

import type { Domain } from '../pddl/domain.js';
import { forEachAtom, type Formula } from '../pddl/formula.js';
import type { Problem } from '../pddl/problem.js';
import { memoize } from '../memoize.js';
import type { TextWorld } from '../text/derive.js';
import type { ActionText, TextGrammar } from '../text/grammar-file.js';
import { grammarPredicates, predicatesRead } from '../text/reads.js';
import { signaturesOf } from '../text/signatures.js';
import { compileAction, type Action, type GroundAction } from './action.js';
import type { Facts } from './fact-table.js';
import { unchangeablePart } from './goal.js';
import { initialEntities, initialFacts } from './initial-facts.js';
import type { Offer } from './offer.js';
import { SearchCompiler } from './search.js';
import { createVocabulary, toldPredicate, type Vocabulary } from './vocabulary.js';

/** An action of a world, with its texts. */
export interface WorldAction {
  readonly action: Action;
  readonly texts: ActionText;
  /** The changeable predicates, by number, that decide what is applicable and how its commands read. */
  readonly reads: readonly number[];
  /** The offers made so far, where a ground action's command reads the same for ever; else null. */
  readonly fixedOffers: Map<GroundAction, Offer> | null;
}

/** A game's rules compiled: everything that stays the same while it is played. */
export interface World {
  readonly vocabulary: Vocabulary;
  readonly actions: readonly WorldAction[];
  readonly text: TextWorld;
  readonly initialFacts: Facts;
  readonly goal: Formula;
  readonly isWon: (facts: Facts) => boolean;
  /** The changeable predicates, by number, that the goal looks at. */
  readonly goalReads: readonly number[];
}

/**
 * Compiles a domain, a problem and a grammar into a world. Only predicates that something reads are kept.
 *
 * @throws InvalidInputError when an action has no texts, or when no sequence of actions can reach the goal
 */
export function compileWorld(domain: Domain, problem: Problem, grammar: TextGrammar): World {
  const goalPredicates = new Set<string>();
  forEachAtom(problem.goal, ({ predicate }) => goalPredicates.add(predicate));
  const textPredicates = grammarPredicates(grammar);
  const told = [...domain.conditional].filter((predicate) => textPredicates.has(predicate));
  const vocabulary = createVocabulary(
    domain,
    problem,
    new Set([...domain.tested, ...goalPredicates, ...textPredicates, ...told.map(toldPredicate)]),
  );
  const facts = initialFacts(vocabulary, problem);
  const isFluent = (predicate: string): boolean =>
    domain.fluents.has(predicate.startsWith('not_') ? predicate.slice(4) : predicate);
  const fluentNumbers = (
    predicates: Iterable<string>,
    number = vocabulary.predicate,
  ): readonly number[] => [...new Set(predicates)].filter(isFluent).map(number);
  const toldNumber = (name: string): number =>
    vocabulary.predicate(told.includes(name) ? toldPredicate(name) : name);

  const actions = domain.actions.map((schema): WorldAction => {
    const texts = grammar.actions.get(schema.name);
    if (texts === undefined) throw withoutTexts(schema.name);
    const commandReads = [...predicatesRead(texts.command, grammar)];
    return {
      action: compileAction(
        schema,
        new SearchCompiler(vocabulary, facts),
        vocabulary.objects.length,
        domain.fluents,
      ),
      texts,
      reads: [...fluentNumbers(schema.tested), ...fluentNumbers(commandReads, toldNumber)],
      fixedOffers: commandReads.some(isFluent) ? null : new Map(),
    };
  });

  const goal = new SearchCompiler(vocabulary, facts).test(problem.goal, new Set());
  const conceivable = new SearchCompiler(vocabulary, facts).test(
    unchangeablePart(problem.goal, domain.fluents),
    new Set(),
  );
  if (!conceivable([], facts)) throw beyondReach();
  return {
    vocabulary,
    actions,
    text: {
      grammar,
      entities: initialEntities(vocabulary, problem),
      predicate: toldNumber,
      members: vocabulary.members,
      signatures: rememberedSignatures(vocabulary),
    },
    initialFacts: facts,
    goal: problem.goal,
    isWon: (now) => goal([], now),
    goalReads: fluentNumbers(goalPredicates),
  };
}

/** The signatures that answer a query, worked out once for each combination of types. */
function rememberedSignatures({ subtypes }: Vocabulary): TextWorld['signatures'] {
  const byTypes = memoize((types) => signaturesOf(types.split(' '), subtypes), 256);
  return (types) => byTypes(types.join(' '));
}

function withoutTexts(action: string): InvalidInputError {
  return new InvalidInputError(`grammar: the action ${action} has no texts`, {
    field: 'grammar',
    value: action,
    remedy: 'Add the action to the grammar, or take the file from its source again.',
  });
}

function beyondReach(): InvalidInputError {
  return new InvalidInputError('pddl_problem: the goal asks for objects that are not there', {
    field: 'pddl_problem',
    remedy: 'Leave this game out: ALFWorld cannot play it either.',
  });
}
