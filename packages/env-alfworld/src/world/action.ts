import { conjunctionsOf, type Conjunction } from '../pddl/conjunction.js';
import type { ActionSchema } from '../pddl/domain.js';
import { isPlain, type Effect } from '../pddl/effect.js';
import type { Atom } from '../pddl/formula.js';
import type { Facts, Tuple } from './fact-table.js';
import type { Frame, Search, SearchCompiler } from './search.js';

/** One fact that an action adds or takes away. */
export interface Change {
  readonly predicate: string;
  readonly tuple: Tuple;
}

/** An action with all its parameters given. */
export interface GroundAction {
  readonly action: Action;
  /** One object for each parameter. */
  readonly arguments: Tuple;
}

/** An action schema compiled for one game. */
export interface Action {
  readonly schema: ActionSchema;
  /** The applicable ground actions, each once, no-ops left out. */
  readonly applicable: (facts: Facts) => readonly GroundAction[];
  /** What a ground action adds and takes away; an atom that is added is not taken away. */
  readonly changes: (
    ground: GroundAction,
    facts: Facts,
  ) => { readonly added: readonly Change[]; readonly removed: readonly Change[] };
}

type Instance = (frame: Frame) => Tuple;

interface Literal {
  readonly predicate: string;
  readonly positive: boolean;
  readonly instance: Instance;
}

interface CompiledEffect {
  readonly literal: Literal;
  /** Finds the assignments for which the effect happens; null when it just happens. */
  readonly when: Search | null;
}

/**
 * Compiles an action schema. A ground action that would change nothing because its effects repeat its preconditions does not
 * exist, as in the planner under ALFWorld: one cannot go to where one is.
 *
 * @param objectCount - how many objects the game has
 */
export function compileAction(
  schema: ActionSchema,
  compiler: SearchCompiler,
  objectCount: number,
): Action {
  compiler.declare(schema.parameters);
  const arity = schema.parameters.length;
  const isNumericKey = objectCount ** arity < Number.MAX_SAFE_INTEGER;
  const interned = new Map<string | number, GroundAction>();
  const effects = schema.effects.map((effect) => compileEffect(effect, schema, compiler));
  const variants = schema.conditions.map((condition) => ({
    search: compiler.search(condition, schema.parameters),
    isNoOp: noOpTest(condition, schema.effects, compiler),
  }));
  // Only a search with variables of its own, or a second search, can meet the same arguments again.
  const repeats =
    variants.length > 1 || schema.conditions.some(({ variables }) => variables.length > 0);

  const action: Action = {
    schema,
    applicable: (facts) => {
      const frame: Frame = [];
      const found: GroundAction[] = [];
      for (const { search, isNoOp } of variants) {
        search(frame, facts, () => {
          if (!isNoOp(frame)) {
            const ground = intern(frame);
            if (!repeats || !found.includes(ground)) found.push(ground);
          }
          return false;
        });
      }
      return found;
    },
    changes: (ground, facts) => {
      const frame: Frame = [...ground.arguments];
      const added: Change[] = [];
      const removed: Change[] = [];
      for (const { literal, when } of effects) {
        const list = literal.positive ? added : removed;
        const record = (): boolean => {
          list.push({ predicate: literal.predicate, tuple: literal.instance(frame) });
          return false;
        };
        if (when === null) record();
        else when(frame, facts, record);
      }
      const kept = removed.filter((change) => !added.some((other) => isSameChange(change, other)));
      return { added, removed: kept };
    },
  };

  function intern(frame: Frame): GroundAction {
    let key: string | number = 0;
    if (isNumericKey) for (let i = 0; i < arity; i++) key = key * objectCount + frame[i]!;
    else key = frame.slice(0, arity).join(' ');
    let ground = interned.get(key);
    if (ground === undefined) {
      ground = { action, arguments: frame.slice(0, arity) };
      interned.set(key, ground);
    }
    return ground;
  }

  return action;
}

function compileEffect(
  effect: Effect,
  schema: ActionSchema,
  compiler: SearchCompiler,
): CompiledEffect {
  compiler.declare(effect.variables);
  const literal = compileLiteral(effect.atom, effect.add, compiler);
  if (isPlain(effect)) return { literal, when: null };
  const given = new Set(schema.parameters.map(({ name }) => name));
  const searches = conjunctionsOf(effect.condition).map((condition) =>
    compiler.search(condition, effect.variables, given),
  );
  return {
    literal,
    when: (frame, facts, found) => searches.some((search) => search(frame, facts, found)),
  };
}

function compileLiteral(atom: Atom, positive: boolean, compiler: SearchCompiler): Literal {
  const places = atom.terms.map((term) => compiler.place(term));
  return {
    predicate: atom.predicate,
    positive,
    instance: (frame) => places.map((place) => (place >= 0 ? frame[place]! : ~place)),
  };
}

/** Says of a satisfied precondition whether every effect of the action is already part of it. */
function noOpTest(
  condition: Conjunction,
  effects: readonly Effect[],
  compiler: SearchCompiler,
): (frame: Frame) => boolean {
  const required = [
    ...condition.atoms.map((atom) => compileLiteral(atom, true, compiler)),
    ...condition.filters.flatMap((filter) =>
      filter.kind === 'atom' ? [compileLiteral(filter.atom, false, compiler)] : [],
    ),
  ];
  const added = effects
    .filter((effect) => effect.add && isPlain(effect))
    .map(({ atom }) => compileLiteral(atom, true, compiler));
  const excuses = effects.map((effect) => {
    const literal = compileLiteral(effect.atom, effect.add, compiler);
    // A deletion is also void where the same action adds the atom.
    const candidates = [...required, ...(effect.add ? [] : added)].filter(
      (other) =>
        other.predicate === literal.predicate &&
        (other.positive === literal.positive || added.includes(other)),
    );
    return { literal, candidates: effect.variables.length === 0 ? candidates : [] };
  });
  if (excuses.some(({ candidates }) => candidates.length === 0)) return () => false;
  return (frame) =>
    excuses.every(({ literal, candidates }) => {
      const tuple = literal.instance(frame);
      return candidates.some((other) => isSameTuple(other.instance(frame), tuple));
    });
}

const isSameTuple = (a: Tuple, b: Tuple): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

const isSameChange = (a: Change, b: Change): boolean =>
  a.predicate === b.predicate && isSameTuple(a.tuple, b.tuple);
