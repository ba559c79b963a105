import { randomSource, type RandomSource } from '@spark-rl/core';

import { OPENABLE } from './data/abilities.js';
import { ROOMS, type RoomPlan, type RoomType } from './data/rooms.js';
import { SCENE_FURNITURE } from './data/scene-furniture.js';

/** The sizes of generated rooms: `small` has 6 to 8 receptacles; `full` has what ALFRED's scene of that number has, 6 to 60. */
export const HOUSEHOLD_SIZES = ['small', 'full'] as const;
export type HouseholdSize = (typeof HOUSEHOLD_SIZES)[number];

/** A thing with a class and a number, and its identifier in PDDL. */
export interface Named {
  /** ALFRED's class name, such as `SinkBasin`. */
  readonly class: string;
  readonly id: string;
  /** What the game calls it, such as `sinkbasin 1`. */
  readonly name: string;
}

export interface Receptacle extends Named {
  /** Whether it has a door; doors are closed at the start. */
  readonly openable: boolean;
  /** Where one stands to use it; 0 is where the agent starts. Receptacles may share a location. */
  readonly location: number;
}

/** The furniture of a scene. */
export interface Layout {
  readonly scene: number;
  readonly room: RoomType;
  readonly size: HouseholdSize;
  readonly receptacles: readonly Receptacle[];
  readonly lamp: { readonly class: string; readonly on: Receptacle } | null;
}

const twoDigits = (n: number): string => String(n).padStart(2, '0');

/**
 * The `count` things of a class, numbered as ALFWorld numbers them: identifiers in ascending order get the numbers count, ..., 1.
 * A basin's identifier begins with the fixture it is part of, because ALFWorld derives `sinkbasin` from that.
 */
export function nameThings(className: string, count: number): Named[] {
  const [stem, suffix] = className.endsWith('Basin')
    ? [className.slice(0, -'Basin'.length), `_bar_${className}`]
    : [className, ''];
  return Array.from({ length: count }, (_, i) => ({
    class: className,
    id: `${stem}_bar_${twoDigits(i)}${suffix}`,
    name: `${className.toLowerCase()} ${count - i}`,
  }));
}

/** One of the keys of `weights`, drawn in proportion to its weight. */
export function pickWeighted<Item>(
  random: RandomSource,
  weights: readonly (readonly [Item, number])[],
): Item {
  let left = random.uniform() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of weights) {
    left -= weight;
    if (left < 0) return item;
  }
  return weights.at(-1)![0];
}

type Counts = Map<string, number>;

const countAll = (counts: Counts): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

function furnishSmall(plan: RoomPlan, random: RandomSource): Counts {
  const counts: Counts = new Map(plan.smallAlways.map((name) => [name, 1]));
  const wanted = 6 + random.integer(3);
  while (countAll(counts) < wanted) {
    const always = (name: string): number => (plan.smallAlways.includes(name) ? 1 : 0);
    const open = Object.entries(plan.smallOthers).filter(
      ([name, [, most]]) => (counts.get(name) ?? 0) - always(name) < most,
    );
    const name = pickWeighted(
      random,
      open.map(([key, [weight]]) => [key, weight] as const),
    );
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** A receptacle class of a room, with the spot that each of the class is used from. */
interface Furniture {
  readonly class: string;
  readonly spots: readonly number[];
  /** How many of the class have a door that cannot be closed, so that they are open for ever. */
  readonly alwaysOpen: number;
}

function placeSmall(plan: RoomPlan, random: RandomSource): readonly Furniture[] {
  let spot = 0;
  return [...furnishSmall(plan, random)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => {
      const spots = Array.from({ length: count }, (_, i) => {
        // Decides nothing: rooms stay the ones that published results were measured in.
        if (i > 0) random.uniform();
        return ++spot;
      });
      return { class: name, spots, alwaysOpen: 0 };
    });
}

/**
 * The furniture that ALFRED's scene has, with the spots that its receptacles share. ALFWorld's games also have cabinets that the
 * robot cannot open, and that are therefore always open; the layouts do not tell how many. One real game is known, where they
 * are half of the cabinets; here they are up to a third as many as the others.
 */
function placeFull(scene: number, random: RandomSource): readonly Furniture[] {
  const furniture = SCENE_FURNITURE[scene]!.split(' ').map((item) => {
    const [name, spots] = item.split(':') as [string, string];
    return { class: name, spots: spots.split(',').map(Number) };
  });
  let spot = Math.max(...furniture.flatMap(({ spots }) => spots));
  return furniture.map(({ class: name, spots }) => {
    const extra = name === 'Cabinet' ? random.integer(Math.floor(spots.length / 3) + 1) : 0;
    const added = Array.from({ length: extra }, () => ++spot);
    return { class: name, spots: [...spots, ...added], alwaysOpen: extra };
  });
}

function buildLayout(scene: number, room: RoomType, size: HouseholdSize): Layout {
  const plan = ROOMS[room];
  const random = randomSource(['household layout', size, scene]);
  const furniture = size === 'small' ? placeSmall(plan, random) : placeFull(scene, random);
  const receptacles = furniture.flatMap(({ class: name, spots, alwaysOpen }) =>
    nameThings(name, spots.length).map((named, i): Receptacle => ({
      ...named,
      openable: OPENABLE.has(name) && i < spots.length - alwaysOpen,
      location: spots[i]!,
    })),
  );
  const stands = receptacles.filter(({ class: name }) => plan.lamp?.on.includes(name));
  const lamp =
    plan.lamp === null || stands.length === 0
      ? null
      : { class: random.pick(plan.lamp.classes), on: random.pick(stands) };
  return { scene, room, size, receptacles, lamp };
}

const layouts = new Map<string, Layout>();

/** The furniture of a scene: the same for every game in that scene and size. */
export function layoutOf(scene: number, room: RoomType, size: HouseholdSize): Layout {
  const key = `${size} ${scene}`;
  const known = layouts.get(key);
  if (known !== undefined) return known;
  const layout = buildLayout(scene, room, size);
  layouts.set(key, layout);
  return layout;
}
