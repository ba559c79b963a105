import fc from 'fast-check';

import type { Formula } from '../src/pddl/formula.js';
import type { TypedName } from '../src/pddl/typed-list.js';
import { admissibleCommands, startGame, stepGame } from '../src/play.js';
import type { GameState } from '../src/game-state.js';
import { applyAction } from '../src/world/apply.js';
import type { Facts } from '../src/world/fact-table.js';
import { mergeCommands, offersOf } from '../src/world/offer.js';
import { cellar } from './cellar.js';

const game = cellar();
const { world } = game;
const { vocabulary } = world;

type Assignment = Readonly<Record<string, number>>;

/** Judges a formula by the book: every quantifier tries every object of its type. */
function holds(formula: Formula, given: Assignment, facts: Facts): boolean {
  const value = (term: string): number => given[term] ?? vocabulary.object(term);
  switch (formula.kind) {
    case 'atom': {
      const wanted = formula.atom.terms.map(value).join();
      const table = facts[vocabulary.predicate(formula.atom.predicate)]!;
      return table.tuples.some((tuple) => tuple.join() === wanted) !== formula.negated;
    }
    case 'equal':
      return (value(formula.terms[0]) === value(formula.terms[1])) !== formula.negated;
    case 'and':
      return formula.parts.every((part) => holds(part, given, facts));
    case 'or':
      return formula.parts.some((part) => holds(part, given, facts));
    case 'exists':
      return assignments(formula.variables, given).some((all) => holds(formula.body, all, facts));
    case 'none':
      return !assignments(formula.variables, given).some((all) => holds(formula.body, all, facts));
  }
}

function assignments(variables: readonly TypedName[], given: Assignment): readonly Assignment[] {
  return variables.reduce<readonly Assignment[]>(
    (all, { name, type }) =>
      all.flatMap((one) =>
        vocabulary.objects.flatMap((_, object) =>
          vocabulary.members(type)[object] === 1 ? [{ ...one, [name]: object }] : [],
        ),
      ),
    [given],
  );
}

/** The state after a walk that takes, at each turn, the command at `choice` modulo their number. */
function walk(choices: readonly number[]): GameState {
  let { state } = startGame(game);
  for (const choice of choices) {
    const commands = admissibleCommands(state);
    ({ state } = stepGame(state, commands[choice % commands.length]!));
  }
  return state;
}

const walks = fc.array(fc.nat(1000), { maxLength: 25 });

describe('joins', () => {
  it('find exactly the ground actions that trying everything finds, but for those that change nothing', () => {
    fc.assert(
      fc.property(walks, (choices) => {
        const { facts } = walk(choices);
        for (const { action } of world.actions) {
          const { name, parameters, conditions } = action.schema;
          const found = action.applicable(facts).map((ground) => ground.arguments.join());
          expect(new Set(found).size).toBe(found.length);
          const byTheBook = assignments(parameters, {})
            .filter((given) =>
              conditions.some(({ variables, atoms, filters }) =>
                holds(
                  {
                    kind: 'exists',
                    variables,
                    body: {
                      kind: 'and',
                      parts: [
                        ...atoms.map((atom) => ({ kind: 'atom', atom, negated: false }) as const),
                        ...filters,
                      ],
                    },
                  },
                  given,
                  facts,
                ),
              ),
            )
            .map((given) => parameters.map((parameter) => given[parameter.name]!));
          const missing = byTheBook.filter((tuple) => !found.includes(tuple.join()));
          expect(byTheBook.map((tuple) => tuple.join())).toEqual(expect.arrayContaining(found));
          for (const tuple of missing) {
            expect(['walk', 'polish']).toContain(name);
            expect(applyAction({ action, arguments: tuple }, facts, vocabulary)).toBe(facts);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('agree with what was taken over from earlier states', () => {
    fc.assert(
      fc.property(walks, (choices) => {
        const state = walk(choices);
        const fresh = world.actions.map((action) => offersOf(action, state.facts, world));
        expect(admissibleCommands(state)).toEqual(mergeCommands(fresh));
        expect(state.isWon).toBe(world.isWon(state.facts));
      }),
      { numRuns: 100 },
    );
  });
});

describe('fact tables', () => {
  it('stay sorted and without repetitions whatever is added and taken away', () => {
    const facts = startGame(game).state.facts;
    const table = facts[vocabulary.predicate('on')]!;
    const tuple = fc.tuple(fc.nat(20), fc.nat(20));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), tuple)), (changes) => {
        const expected = new Map(table.tuples.map((one) => [one.join(), one]));
        let now = table;
        for (const [isAdded, one] of changes) {
          now = isAdded ? now.with(one) : now.without(one);
          if (isAdded) expected.set(one.join(), one);
          else expected.delete(one.join());
        }
        const sorted = [...expected.values()].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
        expect(now.tuples).toEqual(sorted);
        for (let object = 0; object <= 20; object++) {
          expect(now.matching(1, object)).toEqual(sorted.filter((one) => one[1] === object));
        }
      }),
    );
  });
});
