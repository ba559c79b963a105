import { conjunctionsOf, type Conjunction } from '../pddl/conjunction.js';
import { freeVariables, type Atom, type Formula } from '../pddl/formula.js';
import { ROOT_TYPE, type TypedName } from '../pddl/typed-list.js';
import { FactTable, type Facts, type Tuple } from './fact-table.js';
import type { Vocabulary } from './vocabulary.js';

/** The values of variables during a search, by slot. */
export type Frame = number[];

/**
 * Finds the assignments that satisfy a conjunction: writes each into the frame and calls `found`, until one call returns true
 * (the search then returns true) or there are no more. The same assignment may be found more than once.
 */
export type Search = (frame: Frame, facts: Facts, found: () => boolean) => boolean;

/** Whether a formula holds for the variables that the frame already has. */
export type Test = (frame: Frame, facts: Facts) => boolean;

/** A term made ready: a slot of the frame when it is 0 or more, else the complement of an object number. */
type Place = number;

const valueOf = (place: Place, frame: Frame): number => (place >= 0 ? frame[place]! : ~place);

/**
 * Compiles formulas over one frame into nested functions. The order of a join is chosen once: facts first that the variables
 * bound so far leave fewest of, judged by the game's initial facts; tests as soon as their variables are bound.
 */
export class SearchCompiler {
  private readonly slots = new Map<string, number>();
  private readonly types = new Map<string, string>();
  private readonly vocabulary: Vocabulary;
  private readonly initial: Facts;

  constructor(vocabulary: Vocabulary, initial: Facts) {
    this.vocabulary = vocabulary;
    this.initial = initial;
  }

  /** Gives a variable a slot, and the type that its values must have. */
  declare(variables: readonly TypedName[]): void {
    for (const { name, type } of variables) {
      if (!this.slots.has(name)) this.slots.set(name, this.slots.size);
      this.types.set(name, type);
    }
  }

  place(term: string): Place {
    return this.slots.get(term) ?? ~this.vocabulary.object(term);
  }

  /**
   * @param wanted - the variables that every assignment must have beside those of the conjunction itself
   * @param given - the variables that the frame already has
   */
  search(
    conjunction: Conjunction,
    wanted: readonly TypedName[],
    given: ReadonlySet<string> = new Set(),
  ): Search {
    this.declare(conjunction.variables);
    const bound = new Set(given);
    const atoms = [...conjunction.atoms];
    const filters = [...conjunction.filters];
    const unbound = [...wanted, ...conjunction.variables].map(({ name }) => name);
    const steps: ((next: Search) => Search)[] = [];
    for (;;) {
      for (const filter of takeAll(filters, (filter) => isSubset(freeVariables(filter), bound))) {
        steps.push(testing(this.test(filter, bound)));
      }
      const atom = this.takeCheapest(atoms, bound);
      if (atom !== undefined) {
        steps.push(this.join(atom, bound));
        continue;
      }
      const variable = unbound.find((name) => !bound.has(name));
      if (variable === undefined) break;
      steps.push(this.enumerate(variable));
      bound.add(variable);
    }
    return steps.reduceRight<Search>(
      (next, step) => step(next),
      (_frame, _facts, found) => found(),
    );
  }

  /** @param bound - the variables that the frame has when the test is made */
  test(formula: Formula, bound: ReadonlySet<string>): Test {
    if (formula.kind === 'atom') {
      const holds = this.holds(formula.atom);
      return formula.negated ? (frame, facts) => !holds(frame, facts) : holds;
    }
    if (formula.kind === 'equal') {
      const left = this.place(formula.terms[0]);
      const right = this.place(formula.terms[1]);
      return (frame) => (valueOf(left, frame) === valueOf(right, frame)) !== formula.negated;
    }
    if (formula.kind === 'or') {
      const tests = formula.parts.map((part) => this.test(part, bound));
      return (frame, facts) => tests.some((test) => test(frame, facts));
    }
    const isRuledOut = formula.kind === 'none';
    const searches = conjunctionsOf(isRuledOut ? { ...formula, kind: 'exists' } : formula).map(
      (conjunction) => this.search(conjunction, [], bound),
    );
    const stop = (): boolean => true;
    return (frame, facts) => searches.some((search) => search(frame, facts, stop)) !== isRuledOut;
  }

  private holds(atom: Atom): Test {
    const predicate = this.vocabulary.predicate(atom.predicate);
    const places = atom.terms.map((term) => this.place(term));
    const [first] = places;
    if (first === undefined) return (_frame, facts) => facts[predicate]!.tuples.length > 0;
    return (frame, facts) => {
      const candidates = facts[predicate]!.matching(0, valueOf(first, frame));
      for (const tuple of candidates) if (agrees(tuple, places, frame)) return true;
      return false;
    };
  }

  private takeCheapest(atoms: Atom[], bound: ReadonlySet<string>): Atom | undefined {
    let best = -1;
    let least = Infinity;
    atoms.forEach((atom, i) => {
      const cost = this.estimate(atom, bound);
      if (cost < least) [best, least] = [i, cost];
    });
    return best < 0 ? undefined : atoms.splice(best, 1)[0];
  }

  /** How many facts an atom will offer: the mean size of a bucket at its most telling bound position. */
  private estimate(atom: Atom, bound: ReadonlySet<string>): number {
    const table = this.initial[this.vocabulary.predicate(atom.predicate)] ?? FactTable.empty;
    const size = Math.max(1, table.tuples.length);
    const isBound = atom.terms.map((term) => bound.has(term) || !term.startsWith('?'));
    if (isBound.every(Boolean)) return 0;
    // A start in the middle of nowhere is worse than a step from what is known.
    let cost = isBound.some(Boolean) ? size : size + 0.5;
    isBound.forEach((known, position) => {
      if (known) cost = Math.min(cost, size / Math.max(1, table.distinct(position)));
    });
    return cost;
  }

  /** Binds the unbound variables of an atom to each of its facts in turn. */
  private join(atom: Atom, bound: Set<string>): (next: Search) => Search {
    const predicate = this.vocabulary.predicate(atom.predicate);
    const places = atom.terms.map((term) => this.place(term));
    const key = atom.terms.findIndex((term) => bound.has(term) || !term.startsWith('?'));
    const bindings = atom.terms.map((term) => {
      if (bound.has(term) || !term.startsWith('?')) return null;
      bound.add(term);
      const type = this.types.get(term) ?? ROOT_TYPE;
      return { members: type === ROOT_TYPE ? null : this.vocabulary.members(type) };
    });
    return (next) => (frame, facts, found) => {
      const table = facts[predicate]!;
      const candidates = key < 0 ? table.tuples : table.matching(key, valueOf(places[key]!, frame));
      scan: for (const tuple of candidates) {
        for (let i = 0; i < places.length; i++) {
          const value = tuple[i]!;
          const binding = bindings[i]!;
          if (binding === null) {
            if (value !== valueOf(places[i]!, frame)) continue scan;
          } else {
            if (binding.members?.[value] === 0) continue scan;
            frame[places[i]!] = value;
          }
        }
        if (next(frame, facts, found)) return true;
      }
      return false;
    };
  }

  /** Binds a variable that no atom binds to each object of its type. */
  private enumerate(variable: string): (next: Search) => Search {
    const slot = this.place(variable);
    const members = this.vocabulary.members(this.types.get(variable) ?? ROOT_TYPE);
    const objects = Array.from(members.keys()).filter((object) => members[object] === 1);
    return (next) => (frame, facts, found) => {
      for (const object of objects) {
        frame[slot] = object;
        if (next(frame, facts, found)) return true;
      }
      return false;
    };
  }
}

const testing =
  (test: Test) =>
  (next: Search): Search =>
  (frame, facts, found) =>
    test(frame, facts) && next(frame, facts, found);

function agrees(tuple: Tuple, places: readonly Place[], frame: Frame): boolean {
  for (let i = 1; i < places.length; i++) {
    if (tuple[i] !== valueOf(places[i]!, frame)) return false;
  }
  return true;
}

function takeAll<Item>(items: Item[], wanted: (item: Item) => boolean): readonly Item[] {
  const taken = items.filter(wanted);
  for (const item of taken) items.splice(items.indexOf(item), 1);
  return taken;
}

function isSubset(names: ReadonlySet<string>, of: ReadonlySet<string>): boolean {
  for (const name of names) if (!of.has(name)) return false;
  return true;
}
