import type { Wording } from '../wording.js';
import { classOf, type Memory, type Place } from './memory.js';
import { mayHaveDoor, searchOrder } from './search-order.js';
import { treatmentFor, type TaskReading } from './task-sentence.js';

/** What to do next, and why. */
export interface Intent {
  readonly action: string;
  /** What is wanted or had: `need a clean mug`, `have mug 2`. */
  readonly aim: string;
  /** What makes the action right: `mug 2 is at countertop 1`. Empty for a search. */
  readonly note: string;
  /** For a search: the object class that is looked for, and the places not looked at yet, the chosen one first. */
  readonly search: { readonly object: string; readonly places: readonly string[] } | null;
}

export interface PlanContext {
  readonly memory: Memory;
  readonly task: TaskReading;
  readonly wording: Wording;
  /** Picks from a list of promising places, the best first. */
  readonly choose: (places: readonly Place[]) => Place;
}

const go = (place: string): string => `go to ${place}`;

const act = (action: string, aim: string, note: string): Intent => ({
  action,
  aim,
  note,
  search: null,
});

function search(context: PlanContext, object: string, aim: string): Intent {
  const { memory, task } = context;
  // Had one lain in a receptacle of the goal's class, a simple task would be solved already.
  const untreated = treatmentFor(task) === undefined && object === task.object;
  const order = searchOrder(memory, object, untreated ? task.target : null);
  const closed = order.find((place) => place.state === 'closed' && memory.here.has(place.name));
  if (closed !== undefined) return act(`open ${closed.name}`, aim, `${closed.name} is closed`);
  const reachable = order.find((place) => memory.here.has(place.name));
  if (reachable !== undefined)
    return act(`examine ${reachable.name}`, aim, `${reachable.name} is within reach`);
  if (order.length === 0) return act('look', aim, `no ${object} anywhere`);
  const chosen = context.choose(order);
  return {
    action: go(chosen.name),
    aim,
    note: '',
    search: {
      object,
      places: [chosen, ...order.filter((place) => place !== chosen)].map(({ name }) => name),
    },
  };
}

const placesOf = (memory: Memory, className: string): Place[] =>
  [...memory.places.values()].filter(
    (place) => place.class === className && !memory.refused.has(place.name),
  );

/** How many objects of a class are known to lie in a place. */
const countIn = (place: Place, object: string): number =>
  [...place.things].filter((thing) => classOf(thing) === object).length;

/** Where to put the object: where most of its kind lie already, then where one stands, then what is known to be open. */
function destinationFor({ memory, task }: PlanContext): Place | undefined {
  const merit = (place: Place): number =>
    100 * countIn(place, task.object) +
    10 * Number(memory.here.has(place.name)) +
    Number(place.state === 'seen');
  return placesOf(memory, task.target)
    .reverse()
    .sort((a, b) => merit(b) - merit(a))[0];
}

/** Fetches an object of a class that is not in `except`. */
function fetch(context: PlanContext, object: string, aim: string, except: Place | null): Intent {
  const { memory } = context;
  const known = [...memory.places.values()]
    .filter((place) => place !== except)
    .flatMap((place) =>
      [...place.things]
        .filter((thing) => classOf(thing) === object)
        .map((thing) => ({ thing, place })),
    )
    .sort((a, b) => Number(memory.here.has(b.place.name)) - Number(memory.here.has(a.place.name)));
  const [nearest] = known;
  if (nearest === undefined) return search(context, object, aim);
  const { thing, place } = nearest;
  return memory.here.has(place.name)
    ? act(`take ${thing} from ${place.name}`, aim, `here is ${thing} at ${place.name}`)
    : act(go(place.name), aim, `${thing} is at ${place.name}`);
}

function bringToLight(context: PlanContext, held: string): Intent {
  const { memory, task } = context;
  const aim = `have ${held}`;
  for (const place of memory.places.values()) {
    for (const lamp of place.things) {
      if (classOf(lamp) !== task.target) continue;
      return memory.here.has(place.name)
        ? act(`use ${lamp}`, aim, `here is ${lamp}`)
        : act(go(place.name), aim, `${lamp} is at ${place.name}`);
    }
  }
  return search(context, task.target, `${aim}. need a ${task.target}`);
}

function bringToPlace(context: PlanContext, held: string): Intent {
  const { memory, task, wording } = context;
  const treatment = treatmentFor(task);
  if (treatment !== undefined && !memory.treated.has(held)) {
    const aim = `have ${held}. ${treatment.verb} it`;
    const station = placesOf(memory, treatment.station.toLowerCase()).at(-1);
    if (station === undefined)
      return act('look', aim, `no ${treatment.station.toLowerCase()} anywhere`);
    return memory.here.has(station.name)
      ? act(`${treatment.verb} ${held} with ${station.name}`, aim, `here is ${station.name}`)
      : act(go(station.name), aim, `go to ${station.name}`);
  }
  const aim = `have ${treatment === undefined ? '' : `${treatment.adjective} `}${held}`;
  const place = destinationFor(context);
  if (place === undefined) {
    // All of them refused it: perhaps for something that has changed since.
    memory.refused.clear();
    return act('look', aim, `no ${task.target} anywhere`);
  }
  if (!memory.here.has(place.name)) return act(go(place.name), aim, `put it at ${place.name}`);
  if (place.state === 'closed') return act(`open ${place.name}`, aim, `${place.name} is closed`);
  // Reached because it shares a spot: whether its door is open has not been told yet.
  if (place.state === 'unseen' && mayHaveDoor(place)) {
    return act(`examine ${place.name}`, aim, `${place.name} is within reach`);
  }
  const command = wording === '2.1.1' ? `put ${held} in/on` : `move ${held} to`;
  return act(`${command} ${place.name}`, aim, `here is ${place.name}`);
}

/** The next thing to do for the task, from what is known. Reactive: whatever happened, it plans from where things stand. */
export function plan(context: PlanContext): Intent {
  const { memory, task } = context;
  const held = memory.holding;
  if (held !== null && classOf(held) === task.object) {
    return task.kind === 'look_at_obj_in_light'
      ? bringToLight(context, held)
      : bringToPlace(context, held);
  }
  const treatment = treatmentFor(task);
  if (task.kind === 'pick_two_obj_and_place') {
    const placed = destinationFor(context);
    const some = placed !== undefined && countIn(placed, task.object) > 0;
    return fetch(
      context,
      task.object,
      `need ${some ? 'another' : 'a'} ${task.object}`,
      some ? placed : null,
    );
  }
  const adjective = treatment === undefined ? '' : `${treatment.adjective} `;
  return fetch(context, task.object, `need a ${adjective}${task.object}`, null);
}
