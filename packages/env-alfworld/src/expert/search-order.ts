import { OPENABLE } from '../generator/data/abilities.js';
import { CAN_CONTAIN } from '../generator/data/containment.js';
import { LOCATION_PRIORS } from '../generator/data/location-priors.js';
import { locationWeight } from '../generator/location-weight.js';
import { TOGGLEABLE } from '../generator/data/abilities.js';
import type { Memory, Place } from './memory.js';

const receptacles = new Map(Object.keys(CAN_CONTAIN).map((name) => [name.toLowerCase(), name]));
const objects = new Map(
  [...Object.values(CAN_CONTAIN).flat(), ...Object.keys(LOCATION_PRIORS)].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);
const openable = new Set([...OPENABLE].map((name) => name.toLowerCase()));
const lamps = new Set([...TOGGLEABLE].map((name) => name.toLowerCase()));

/** Where lamps stand. They are in no containment table, because they cannot be moved. */
const LAMP_STANDS: Readonly<Record<string, number>> = {
  desk: 40,
  sidetable: 40,
  dresser: 30,
  shelf: 10,
};

/** Less than any weight of the tables: a last resort, not an impossibility. */
const UNHEARD_OF = 0.5;

/** Whether receptacles of this class can have a door or a lid. */
export const mayHaveDoor = (place: Place): boolean => openable.has(place.class);

function weightOf(place: Place, object: string): number {
  if (lamps.has(object)) return LAMP_STANDS[place.class] ?? UNHEARD_OF;
  const receptacle = receptacles.get(place.class);
  const thing = objects.get(object);
  const weight =
    receptacle === undefined || thing === undefined ? 0 : locationWeight(receptacle, thing);
  return weight || UNHEARD_OF;
}

/**
 * The receptacles whose content is not known, the most promising first: by the chance that such an object lies in one of its
 * class, divided by how many there are of the class, and by the turns it takes to look (a closed one takes two).
 *
 * @param unlikely - a receptacle class to leave for last
 */
export function searchOrder(
  memory: Memory,
  object: string,
  unlikely: string | null,
): readonly Place[] {
  const places = [...memory.places.values()];
  const counts = new Map<string, number>();
  for (const place of places) counts.set(place.class, (counts.get(place.class) ?? 0) + 1);
  const value = (place: Place): number => {
    const turns = mayHaveDoor(place) ? 2 : 1;
    const weight = place.class === unlikely ? UNHEARD_OF / 10 : weightOf(place, object);
    return weight / (counts.get(place.class)! * turns);
  };
  const number = (place: Place): number => Number(place.name.split(' ')[1] ?? 0);
  return places
    .filter((place) => place.state !== 'seen')
    .sort((a, b) => value(b) - value(a) || number(a) - number(b) || (a.name < b.name ? -1 : 1));
}
