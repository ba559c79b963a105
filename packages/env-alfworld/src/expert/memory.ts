import { readObservation } from './observation.js';

/** What is known of a receptacle. `unseen`: nothing; `closed`: its door is; `seen`: what lies there. */
export interface Place {
  readonly name: string;
  readonly class: string;
  state: 'unseen' | 'closed' | 'seen';
  readonly things: Set<string>;
}

/** All that an agent knows from what it has observed. Changes as it observes. */
export interface Memory {
  readonly places: Map<string, Place>;
  /** The receptacles known to be within reach. */
  readonly here: Set<string>;
  holding: string | null;
  /** Objects that have been cleaned, heated or cooled as the task asks. */
  readonly treated: Set<string>;
  /** Receptacles that refused what the plan wanted of them. */
  readonly refused: Set<string>;
  /** Whether the last command did nothing. */
  surprised: boolean;
}

export const classOf = (name: string): string => name.split(' ', 1)[0]!;

export const emptyMemory = (): Memory => ({
  places: new Map(),
  here: new Set(),
  holding: null,
  treated: new Set(),
  refused: new Set(),
  surprised: false,
});

function placeNamed(memory: Memory, name: string): Place {
  const known = memory.places.get(name);
  if (known !== undefined) return known;
  const place: Place = { name, class: classOf(name), state: 'unseen', things: new Set() };
  memory.places.set(name, place);
  return place;
}

/** Draws the consequence of a command that did nothing, so that it is not tried for ever. */
function learnFromFailure(memory: Memory, action: string): void {
  const goal = /^go to (.+)$/.exec(action)?.[1];
  // Going where one already stands does nothing: the receptacle shares this location.
  if (goal !== undefined) memory.here.add(goal);
  const unusable = /^(?:open|examine) (.+)$/.exec(action)?.[1];
  if (unusable !== undefined) {
    const place = memory.places.get(unusable);
    if (place !== undefined) place.state = 'seen';
  }
  const take = /^take (.+) from (.+)$/.exec(action);
  if (take !== null) memory.places.get(take[2]!)?.things.delete(take[1]!);
  const refusal = /^(?:move|put|clean|heat|cool) .+ (?:to|in\/on|with) (.+)$/.exec(action)?.[1];
  if (refusal !== undefined) memory.refused.add(refusal);
  const lamp = /^use (.+)$/.exec(action)?.[1];
  if (lamp !== undefined) for (const place of memory.places.values()) place.things.delete(lamp);
}

/** Adds what was observed after `action` (null at the start of the episode) to the memory. */
export function remember(memory: Memory, action: string | null, observation: string): void {
  const seen = readObservation(observation);
  memory.surprised = seen.nothingHappened;
  if (seen.nothingHappened) {
    if (action !== null) learnFromFailure(memory, action);
    return;
  }
  for (const name of seen.room) placeNamed(memory, name);
  const arrived = /^go to (.+)$/.exec(action ?? '')?.[1];
  if (arrived !== undefined) {
    memory.here.clear();
    memory.here.add(arrived);
  }
  for (const name of seen.facing) memory.here.add(placeNamed(memory, name).name);
  for (const name of seen.closed) placeNamed(memory, name).state = 'closed';
  for (const [name, things] of seen.contents) {
    const place = placeNamed(memory, name);
    place.state = 'seen';
    place.things.clear();
    for (const thing of things) place.things.add(thing);
  }
  if (seen.taken !== null) {
    memory.holding = seen.taken.thing;
    // In some games a thing lies in two receptacles at once (a mug in the coffee machine on the counter): forget both.
    for (const place of memory.places.values()) place.things.delete(seen.taken.thing);
  }
  if (seen.moved !== null) {
    memory.holding = null;
    placeNamed(memory, seen.moved.place).things.add(seen.moved.thing);
  }
  if (seen.treated !== null) memory.treated.add(seen.treated);
}
