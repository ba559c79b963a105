import type { GameState } from '../game-state.js';

/** Where everything is at one moment of a game in ALFWorld's vocabulary of facts, hidden things included. Objects by number. */
export interface HouseholdFacts {
  readonly agentAt: number;
  readonly isHolding: boolean;
  /** The spot of each receptacle that has one. */
  readonly spots: ReadonlyMap<number, number>;
  /** Which objects lie in which receptacle; an object may lie in two. */
  readonly contents: readonly (readonly [object: number, receptacle: number])[];
  /** Whether a receptacle must be opened before anything is taken out or put in. */
  readonly isShut: (receptacle: number) => boolean;
  readonly isOfType: (thing: number, type: string) => boolean;
  readonly mayHold: (receptacle: number, object: number) => boolean;
  readonly has: (fact: string, thing: number) => boolean;
  readonly name: (thing: number) => string;
}

/** Reads the facts of a state; null where the game does not speak of agents and receptacles as ALFWorld does. */
export function householdFacts(state: GameState): HouseholdFacts | null {
  const { vocabulary, text } = state.game.world;
  const tuples = (predicate: string): readonly (readonly number[])[] =>
    state.facts[vocabulary.predicate(predicate)]?.tuples ?? [];
  const [at] = tuples('atlocation');
  if (at === undefined) return null;
  const types = new Map<number, Set<number>>();
  for (const [thing, type] of [...tuples('objecttype'), ...tuples('receptacletype')]) {
    types.set(thing!, (types.get(thing!) ?? new Set()).add(type!));
  }
  const holdable = new Set(tuples('cancontain').map(([outer, inner]) => `${outer!} ${inner!}`));
  const has = (fact: string, thing: number): boolean =>
    tuples(fact).some(([first]) => first === thing);
  return {
    agentAt: at[1]!,
    isHolding: tuples('holds').length > 0,
    spots: new Map(
      tuples('receptacleatlocation').map(([receptacle, spot]) => [receptacle!, spot!]),
    ),
    contents: tuples('inreceptacle').map(([object, receptacle]) => [object!, receptacle!]),
    isShut: (receptacle) => has('openable', receptacle) && !has('opened', receptacle),
    isOfType: (thing, type) => types.get(thing)?.has(vocabulary.object(type)) ?? false,
    mayHold: (receptacle, object) =>
      [...(types.get(receptacle) ?? [])].some((outer) =>
        [...(types.get(object) ?? [])].some((inner) => holdable.has(`${outer} ${inner}`)),
      ),
    has,
    name: (thing) => text.entities[thing]!.name,
  };
}
