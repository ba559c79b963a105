import { randomSource, type RandomSource } from '@spark-rl/core';

import { OPENABLE } from './data/abilities.js';
import { ROOMS, type RoomPlan, type RoomType } from './data/rooms.js';

/** The sizes of generated rooms: `small` has 6 to 8 receptacles, `full` has 15 to 30 as ALFWorld's rooms do. */
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
  /** Where one stands to use it. Receptacles may share a location. */
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

function furnishFull(plan: RoomPlan, random: RandomSource): Counts {
  const counts: Counts = new Map();
  for (const [name, { chance, least, most }] of Object.entries(plan.full)) {
    if (random.uniform() >= chance) continue;
    // Squared, so that the long tails (14 cabinets) stay rare, as they are in ALFRED.
    counts.set(name, least + Math.floor(random.uniform() ** 2 * (most - least + 1)));
  }
  while (countAll(counts) < 15) {
    const name = random.pick(plan.fillers);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  while (countAll(counts) > 30) {
    const [largest] = [...counts].sort((a, b) => b[1] - a[1]);
    counts.set(largest![0], largest![1] - 1);
  }
  return counts;
}

function buildLayout(scene: number, room: RoomType, size: HouseholdSize): Layout {
  const plan = ROOMS[room];
  const random = randomSource(['household layout', size, scene]);
  const counts = size === 'small' ? furnishSmall(plan, random) : furnishFull(plan, random);
  let location = 0; // 0 is where the agent starts
  const receptacles = [...counts]
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, count]) =>
      nameThings(name, count).map((named, i): Receptacle => {
        // In large rooms about every tenth receptacle is used from where its neighbour is used; burners mostly are.
        const shares = i > 0 && random.uniform() < (name === 'StoveBurner' ? 0.6 : 0.12);
        if (size === 'small' || !shares) location++;
        // An always-open cabinet is one that ALFRED's robot cannot open: about four in ten are.
        const openable =
          OPENABLE.has(name) && !(size === 'full' && name === 'Cabinet' && random.uniform() < 0.4);
        return { ...named, openable, location };
      }),
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
