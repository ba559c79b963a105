import type { RandomSource } from '@spark-rl/core';

import { ROOMS, type RoomType } from './data/rooms.js';
import type { HouseholdGoal } from './goal.js';
import { nameThings, pickWeighted, type Layout, type Named, type Receptacle } from './layout.js';
import { locationWeight } from './location-weight.js';

/** An object and where it starts. */
export interface PlacedObject extends Named {
  readonly place: Receptacle;
}

/** How many objects a full room has (movable poses of ALFRED's scenes, without the extremes). */
const FULL_COUNTS: Readonly<Record<RoomType, readonly [least: number, most: number]>> = {
  kitchen: [32, 56],
  living: [13, 32],
  bedroom: [15, 36],
  bathroom: [12, 24],
};
const MOST_OF_A_CLASS = 3;

/** A receptacle for an object: its class drawn by where such objects lie, then any receptacle of the class. */
function placeFor(
  object: string,
  receptacles: readonly Receptacle[],
  random: RandomSource,
): Receptacle | null {
  const byClass = new Map<string, Receptacle[]>();
  for (const receptacle of receptacles) {
    if (locationWeight(receptacle.class, object) === 0) continue;
    const others = byClass.get(receptacle.class);
    if (others === undefined) byClass.set(receptacle.class, [receptacle]);
    else others.push(receptacle);
  }
  if (byClass.size === 0) return null;
  const name = pickWeighted(
    random,
    [...byClass.keys()].map((key) => [key, locationWeight(key, object)] as const),
  );
  return random.pick(byClass.get(name)!);
}

/** How many objects of each class, the goal's own among them. */
function countObjects(
  layout: Layout,
  goal: HouseholdGoal,
  random: RandomSource,
): ReadonlyMap<string, number> {
  const small = layout.size === 'small';
  const needed = goal.kind === 'pick_two_obj_and_place' ? 2 : 1;
  const counts = new Map([[goal.object, needed + random.integer(small ? 2 : 3)]]);
  const [least, most] = small ? [4, 8] : FULL_COUNTS[layout.room];
  const wanted = least + random.integer(most - least + 1) - (layout.lamp === null ? 0 : 1);
  const classes = Object.entries(ROOMS[layout.room].objects).filter(
    ([name]) =>
      name !== goal.object &&
      layout.receptacles.some((receptacle) => locationWeight(receptacle.class, name) > 0),
  );
  let total = counts.get(goal.object)!;
  while (total < wanted) {
    const open = classes.filter(([name]) => (counts.get(name) ?? 0) < MOST_OF_A_CLASS);
    if (open.length === 0) break;
    const name = pickWeighted(random, open);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    total++;
  }
  return counts;
}

/** Puts objects into a layout. The goal's objects start anywhere but in a receptacle of the goal's class. */
export function placeObjects(
  layout: Layout,
  goal: HouseholdGoal,
  random: RandomSource,
): readonly PlacedObject[] {
  const elsewhere = layout.receptacles.filter((receptacle) => receptacle.class !== goal.target);
  const placed: PlacedObject[] = [];
  for (const [name, count] of countObjects(layout, goal, random)) {
    for (const named of nameThings(name, count)) {
      const place = placeFor(name, name === goal.object ? elsewhere : layout.receptacles, random);
      if (place !== null) placed.push({ ...named, place });
    }
  }
  if (layout.lamp !== null)
    placed.push({ ...nameThings(layout.lamp.class, 1)[0]!, place: layout.lamp.on });
  return placed.sort((a, b) => (a.id < b.id ? -1 : 1));
}
