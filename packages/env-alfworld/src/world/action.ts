import { conjunctionsOf } from '../pddl/conjunction.js';
import type { ActionSchema } from '../pddl/domain.js';
import { isPlain, type Effect } from '../pddl/effect.js';
import type { Facts, Tuple } from './fact-table.js';
import { unchangeablePart } from './goal.js';
import { compileLiteral, isSameTuple, type Literal } from './literal.js';
import type { Frame, Search, SearchCompiler } from './search.js';
import { never, settledTests, type SettledTest } from './settled-effects.js';

/** One fact that an action adds or takes away. */
export interface Change {
  readonly predicate: string;
  readonly tuple: Tuple;
}

/** What an action does. */
export interface Changes {
  readonly added: readonly Change[];
  /** An atom that is added is not taken away. */
  readonly removed: readonly Change[];
  /**
   * The same for the facts that texts speak of, additions first. The original tells them of every effect that the action has,
   * whether or not its condition holds, but for effects that the precondition settles.
   */
  readonly told: readonly (Change & { readonly holds: boolean })[];
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
  readonly changes: (ground: GroundAction, facts: Facts) => Changes;
}

interface CompiledEffect {
  readonly literal: Literal;
  /** Finds the assignments for which the effect happens; null when it just happens. */
  readonly when: Search | null;
  /** Finds the assignments for which the effect exists at all; null when it just does. */
  readonly exists: Search | null;
}

/**
 * Compiles an action schema. A ground action that would change nothing because its effects repeat its preconditions does not
 * exist, as in the planner under ALFWorld: one cannot go to where one is.
 *
 * @param objectCount - how many objects the game has
 * @param fluents - the predicates that actions change
 */
export function compileAction(
  schema: ActionSchema,
  compiler: SearchCompiler,
  objectCount: number,
  fluents: ReadonlySet<string>,
): Action {
  compiler.declare(schema.parameters);
  const arity = schema.parameters.length;
  const isNumericKey = objectCount ** arity < Number.MAX_SAFE_INTEGER;
  const interned = new Map<string | number, GroundAction>();
  const variants = schema.conditions.map((condition) => ({
    search: compiler.search(condition, schema.parameters),
    settled: settledTests(condition, schema.effects, compiler),
  }));
  const effects = schema.effects.map((effect) => compileEffect(effect, schema, compiler, fluents));
  const maySettle = variants.some(({ settled }) => settled.some((test) => test !== never));
  // Only a search with variables of its own, or a second search, can meet the same arguments again.
  const repeats =
    variants.length > 1 || schema.conditions.some(({ variables }) => variables.length > 0);

  const action: Action = {
    schema,
    applicable: (facts) => {
      const frame: Frame = [];
      const found: GroundAction[] = [];
      for (const { search, settled } of variants) {
        search(frame, facts, () => {
          if (!settled.every((isSettled) => isSettled(frame))) {
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
      const told: (Change & { readonly holds: boolean })[] = [];
      const settled = maySettle ? settledBy(ground, facts) : null;
      for (const [i, { literal, when, exists }] of effects.entries()) {
        const { predicate, positive } = literal;
        const change = (): Change => ({ predicate, tuple: literal.instance(frame) });
        forEach(when, frame, facts, () => (positive ? added : removed).push(change()));
        if (settled?.[i]?.(frame) === true) continue;
        forEach(exists, frame, facts, () => told.push({ ...change(), holds: positive }));
      }
      const kept = removed.filter((change) => !added.some((other) => isSameChange(change, other)));
      told.sort((a, b) => Number(b.holds) - Number(a.holds));
      return { added, removed: kept, told };
    },
  };

  /** What the first of the preconditions that holds settles, as the original takes the first of several equal actions. */
  function settledBy(ground: GroundAction, facts: Facts): readonly SettledTest[] | undefined {
    const isHere = (frame: Frame): boolean =>
      ground.arguments.every((object, i) => frame[i] === object);
    if (variants.length === 1) return variants[0]!.settled;
    return variants.find(({ search }) => {
      const frame: Frame = [];
      return search(frame, facts, () => isHere(frame));
    })?.settled;
  }

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
  fluents: ReadonlySet<string>,
): CompiledEffect {
  compiler.declare(effect.variables);
  const literal = compileLiteral(effect.atom, effect.add, compiler);
  if (isPlain(effect)) return { literal, when: null, exists: null };
  const given = new Set(schema.parameters.map(({ name }) => name));
  const search = (condition: Effect['condition']): Search => {
    const searches = conjunctionsOf(condition).map((conjunction) =>
      compiler.search(conjunction, effect.variables, given),
    );
    return (frame, facts, found) => searches.some((one) => one(frame, facts, found));
  };
  return {
    literal,
    when: search(effect.condition),
    exists: search(unchangeablePart(effect.condition, fluents)),
  };
}

/** Calls `use` for every assignment that a search finds; once where there is nothing to search. */
function forEach(search: Search | null, frame: Frame, facts: Facts, use: () => unknown): void {
  const found = (): boolean => {
    use();
    return false;
  };
  if (search === null) found();
  else search(frame, facts, found);
}

const isSameChange = (a: Change, b: Change): boolean =>
  a.predicate === b.predicate && isSameTuple(a.tuple, b.tuple);
